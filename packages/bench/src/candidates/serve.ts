// The candidate's side of the protocol in JavaScript: reads requests from stdin, answers on stdout, and ends when the input ends.
import { createInterface } from 'node:readline';
import { messageOf } from '@isonet/core';
import type { Answers, Request } from '../protocol.ts';

/** A candidate, with one function per request. The first call is `open`; calls never overlap. */
export type Candidate = {
  readonly [Do in keyof Answers]: (request: Extract<Request, { readonly do: Do }>) => Promise<Answers[Do]>;
};

/**
 * Answers requests until the request to close, or until the bench closes the pipe. Then the process may exit. Text that libraries or the
 * user's own network print to stdout meanwhile goes to stderr.
 */
export async function answerRequests(candidate: Candidate): Promise<void> {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    const answer = await answerTo(candidate, request).catch((error: unknown) => ({
      error: messageOf(error).replaceAll(/\s*[\n\r]\s*/g, ' '),
    }));
    await new Promise((resolve) => write(`${JSON.stringify(answer)}\n`, resolve));
    if (request.do === 'close') return;
  }
}

function answerTo(candidate: Candidate, request: Request): Promise<object> {
  if (request.do === 'open') return candidate.open(request);
  if (request.do === 'check') return candidate.check(request);
  if (request.do === 'run') return candidate.run(request);
  if (request.do === 'product') return candidate.product(request);
  return candidate.close(request);
}

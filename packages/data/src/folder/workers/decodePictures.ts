// The worker that decodes image files: performs each job that it receives, and exits after a message without a job.
import { parentPort } from 'node:worker_threads';
import { perform } from './job.ts';
import type { Reply, Request } from './messages.ts';
import { failureOf } from './messages.ts';

const port = parentPort;
let active = 0;
let isLast = false;

async function answer({ id, job }: Request): Promise<void> {
  active++;
  let reply: Reply;
  try {
    reply = { id, answer: await perform(job) };
  } catch (error) {
    reply = { id, error: failureOf(error) };
  }
  // Transfer the image: it was created for this message, and nothing else uses its memory.
  port?.postMessage(reply, 'answer' in reply ? [reply.answer.image.buffer as ArrayBuffer] : []);
  active--;
  endIfDone();
}

function endIfDone(): void {
  if (isLast && active === 0) port?.close();
}

port?.on('message', (request: Request | undefined) => {
  if (request === undefined) {
    isLast = true;
    endIfDone();
  } else {
    void answer(request);
  }
});

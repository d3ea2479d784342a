// The worker that decodes pictures: does each job that it is sent, and ends when it is told that there are no more.
import { parentPort } from 'node:worker_threads';
import { perform } from './job.ts';
import type { Reply, Request } from './messages.ts';
import { failureOf } from './messages.ts';

const port = parentPort;
let inHand = 0;
let isLast = false;

async function answer({ id, job }: Request): Promise<void> {
  inHand++;
  let reply: Reply;
  try {
    reply = { id, answer: await perform(job) };
  } catch (error) {
    reply = { id, error: failureOf(error) };
  }
  // The image was made for this message, and nothing else holds its memory.
  port?.postMessage(reply, 'answer' in reply ? [reply.answer.image.buffer as ArrayBuffer] : []);
  inHand--;
  endIfDone();
}

function endIfDone(): void {
  if (isLast && inHand === 0) port?.close();
}

port?.on('message', (request: Request | undefined) => {
  if (request === undefined) {
    isLast = true;
    endIfDone();
  } else {
    void answer(request);
  }
});

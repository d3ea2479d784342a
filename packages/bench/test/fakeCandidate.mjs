// A fake candidate that reports times without measuring them. Its argument has its answers and its fault.
import { appendFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * @type {{ name: string, log?: string, time?: number, logit?: number, loss?: number | null, text?: string, first?: number, checkBytes?: number, deviceBytes?: number, on?: string, after?: number, bad?: string, pidFile?: string }}
 * on: the request that triggers the fault, after `after` such requests
 */
const settings = JSON.parse(process.argv[2] ?? '{}');
const { name, log, time = 10, logit = 1, loss = 2.3, on, after = 0, bad, pidFile } = settings;
const { text = `fake ${name}`, first = 123, deviceBytes = 4096, checkBytes = 0 } = settings;
/** @type {Uint8Array | undefined} */
let held;
const ownLoss = loss === null ? {} : { loss };
let [asked, batch] = [0, 0];
if (pidFile !== undefined) writeFileSync(pidFile, String(process.pid));

/** @type {Readonly<Record<string, (request: any) => unknown>>} */
const badAnswers = {
  dies: () => {
    process.stderr.write(
      'Traceback (most recent call last):\n  File "fake.py"\nMemoryError: no memory is left\n',
    );
    process.exit(3);
  },
  diesAtLength: () => {
    process.stderr.write(`Error: ${'x'.repeat(8000)}\n`);
    process.exit(3);
  },
  isKilled: () => process.kill(process.pid, 'SIGKILL'),
  garbage: () => process.stdout.write('Loading weights...\n'),
  refuses: () => process.stdout.write('{"error":"no such device"}\n'),
  // The timer also keeps it alive after the end of its input.
  hangs: () => setInterval(() => undefined, 1000),
  tooLong: () => process.stdout.write('x'.repeat(200_000)),
  twice: () => process.stdout.write('{"milliseconds":[]}\n{"milliseconds":[]}\n'),
  negative: () => process.stdout.write('{"milliseconds":[-1]}\n'),
  ages: () => process.stdout.write('{"milliseconds":[1,1e9]}\n'),
  infinite: () => process.stdout.write('{"milliseconds":[1,1e999]}\n'),
  tooFew: () => process.stdout.write('{"milliseconds":[]}\n'),
  noLoss: (request) => {
    const { milliseconds } = answer(request);
    process.stdout.write(`${JSON.stringify({ milliseconds })}\n`);
  },
  // JSON has no NaN.
  nanLoss: (request) => process.stdout.write(`${JSON.stringify({ ...answer(request), loss: NaN })}\n`),
  noLogits: () => process.stdout.write('{"logits":[null]}\n'),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (log !== undefined)
    appendFileSync(log, `${name} ${request.do} ${request.count ?? request.data ?? ''}\n`);
  if (request.do === on && asked++ >= after) {
    badAnswers[bad ?? '']?.(request);
    continue;
  }
  process.stdout.write(`${JSON.stringify(answer(request))}\n`);
  if (request.do === 'close') break;
}

/** @param {any} request */
function answer(request) {
  switch (request.do) {
    case 'open':
      batch = request.batch;
      return { text, firstMilliseconds: first, ...ownLoss };
    case 'check':
      held ??= new Uint8Array(checkBytes).fill(1);
      return { logits: Array.from({ length: batch * 10 }, () => logit) };
    case 'run':
      // The first run of a turn does not count.
      return {
        milliseconds: Array.from({ length: request.count }, (_, i) => (i === 0 ? 7 * time : time)),
        ...ownLoss,
      };
    case 'product':
      return {
        milliseconds: Array.from({ length: request.count }, () => (request.size / 1024) ** 3 * 8 * time),
      };
    default:
      return { deviceBytes };
  }
}

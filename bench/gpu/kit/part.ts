// The common frame of all parts. It parses the arguments, rewrites the complete JSON after each result and prints the
// last line. An interrupted part keeps its results so far. run/main.ts starts parts as
//   node PART.js --name NAME --out FOLDER --seconds S [--device D] [--tf32] [--forward-only] [--small]
import { writeFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@isonet/core';

/** The arguments of a part, and the functions with which it reports. */
export interface Part {
  /** `BACKEND:DEVICE`, e.g. `webgpu:gpu`. */
  readonly device: string;
  readonly tf32: boolean;
  /** Whether to run only forward passes, for a device that does not train. */
  readonly forwardOnly: boolean;
  /** Whether this is a rehearsal without a GPU: the least work that still runs every line. */
  readonly small: boolean;
  /** Returns whether to stop, because the part will be killed in a few seconds. */
  readonly late: () => boolean;
  /** Prints a line for the log. */
  readonly log: (line: string) => void;
  /** Replaces the results so far. */
  readonly save: (results: object) => void;
}

/** The JSON of a part. */
export interface PartFile {
  readonly part: string;
  readonly device: string | null;
  /** `unfinished` while it runs; stays `unfinished` if it was cut off. */
  readonly outcome: 'unfinished' | 'passed' | 'failed';
  readonly seconds: number;
  /** The result in one line. */
  readonly line: string;
  readonly results: object;
}

/** Thrown by a part that ran to its end with wrong results. The results are kept. */
export class WrongResult extends Error {}

const SPARE_SECONDS = 8;

/**
 * Runs a part and ends the process: with 0 if it passed, with 1 if it failed.
 * @param work resolves to the result in one line
 */
export async function runPart(work: (part: Part) => Promise<string>): Promise<void> {
  const { values } = parseArgs({
    options: {
      name: { type: 'string' },
      out: { type: 'string' },
      seconds: { type: 'string' },
      device: { type: 'string' },
      tf32: { type: 'boolean', default: false },
      'forward-only': { type: 'boolean', default: false },
      small: { type: 'boolean', default: false },
    },
  });
  const { name, out, seconds, device } = values;
  if (name === undefined || out === undefined || seconds === undefined) {
    throw new Error('expected --name, --out and --seconds');
  }
  const began = Date.now();
  const deadline = began + (Number(seconds) - SPARE_SECONDS) * 1000;
  let results: object = {};
  const write = (outcome: PartFile['outcome'], line: string): void => {
    const file: PartFile = {
      part: name,
      device: device ?? null,
      outcome,
      seconds: (Date.now() - began) / 1000,
      line,
      results,
    };
    const path = join(out, `${name}.json`);
    writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 1)}\n`);
    renameSync(`${path}.new`, path);
  };
  write('unfinished', '');
  const log = (line: string): void => void process.stdout.write(`  ${line}\n`);
  let passed = false;
  let line: string;
  try {
    line = await work({
      device: device ?? '',
      tf32: values.tf32,
      forwardOnly: values['forward-only'],
      small: values.small,
      late: () => Date.now() > deadline,
      log,
      save: (value) => {
        results = value;
        write('unfinished', '');
      },
    });
    passed = true;
  } catch (error) {
    line = brief(error);
    if (!(error instanceof WrongResult)) log(stackOf(error));
  }
  write(passed ? 'passed' : 'failed', line);
  // Devices may keep threads alive, but the work is done.
  process.exit(passed ? 0 : 1);
}

/** Shortens an error: CUDA's own message comes after pages of C++. */
function brief(error: unknown): string {
  const text = messageOf(error).trim();
  const failure = /\b(?:CUDA|CUDNN\w*|CUBLAS\w*) failure[^\n]*/.exec(text)?.[0];
  const [first = ''] = (failure ?? text).split('\n');
  return first.slice(0, 300);
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  return stack.split('\n').slice(0, 6).join('\n  ');
}

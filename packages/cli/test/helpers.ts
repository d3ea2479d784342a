// The outside world of main() in tests: streams that record text, a temporary folder, and the tiny network with its data.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { reference } from '@isonet/backend-reference';
import type { Backend, Device, Program } from '@isonet/core';
import { onTestFinished } from 'vitest';
import { writeData } from '../../runs/test/tiny.ts';
import type { Tables } from '../src/context.ts';
import { main } from '../src/cli.ts';
import type { Io, OutputProblem, StopSignal } from '../src/io.ts';
import { tinyTables } from './tables.ts';

export { tinyTables } from './tables.ts';

export interface World {
  readonly cwd: string;
  /** Four IDX files, the same in every world. */
  readonly data: string;
  run(...argv: readonly string[]): Promise<Outcome>;
  /** Like `run`, with different io settings or tables. */
  runWith(options: WorldOptions, ...argv: readonly string[]): Promise<Outcome>;
}

export interface WorldOptions {
  readonly io?: Partial<Pick<Io, 'isTTY' | 'columns' | 'env'>>;
  readonly tables?: Partial<Tables>;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The problem of a reader that closes the pipe, as `head -3` does. */
const READER_LEFT: OutputProblem = { exitCode: 141, text: undefined };

/** Presses Ctrl-C or closes the output while main() runs. The tables of a test call it. */
export const keyboard = {
  listener: undefined as ((signal: StopSignal) => void) | undefined,
  onProblem: undefined as ((problem: OutputProblem) => void) | undefined,
  problem: undefined as OutputProblem | undefined,
  interrupt(signal: StopSignal = 'SIGINT'): void {
    this.listener?.(signal);
  },
  closeOutput(problem: OutputProblem = READER_LEFT): void {
    this.problem = problem;
    this.onProblem?.(problem);
  },
};

export async function makeWorld(): Promise<World> {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-cli-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const data = join(cwd, 'data');
  await writeData(data, 1);
  const runWith: World['runWith'] = async (options, ...argv) => {
    const { io, stdout, stderr } = makeIo(cwd, options.io);
    const code = await main(argv, io, { ...tinyTables, ...options.tables });
    return { code, stdout: stdout.text, stderr: stderr.text };
  };
  return { cwd, data, run: (...argv) => runWith({}, ...argv), runWith };
}

/** Creates an `Io` that records its output and receives the signals of {@link keyboard}. */
export function makeIo(
  cwd: string,
  options: WorldOptions['io'] = {},
): { readonly io: Io; readonly stdout: Recorder; readonly stderr: Recorder } {
  const [stdout, stderr] = [new Recorder(options), new Recorder(options)];
  const onInterrupt: Io['onInterrupt'] = (listener) => {
    keyboard.listener = listener;
    return () => {
      keyboard.listener = undefined;
    };
  };
  keyboard.problem = undefined;
  const onClosedOutput: Io['onClosedOutput'] = (listener) => {
    keyboard.onProblem = listener;
  };
  const written: Io['written'] = () => Promise.resolve({ stdout: keyboard.problem, stderr: undefined });
  const world = { stdout, stderr, isTTY: false, columns: 80, cwd, env: {}, ...options };
  const io = { ...world, onInterrupt, onClosedOutput, onResize: () => () => undefined, written };
  return { io, stdout, stderr };
}

/** Returns the reference backend under another name. It calls `onStep` with each result of a training step. */
export function watched(
  name: string,
  onStep: (step: number) => void,
  spoil?: (step: number) => boolean,
): Backend {
  let steps = 0;
  const watch = (program: Program): Program => ({
    graph: program.graph,
    plan: program.plan,
    run: (state, feeds) => {
      const execution = program.run(state, feeds);
      if (program.graph.updates.length === 0) return execution;
      const step = ++steps;
      return {
        accepted: execution.accepted,
        discard: () => execution.discard(),
        read: async (names) => {
          const outputs = await execution.read(names);
          onStep(step);
          if (!spoil?.(step)) return outputs;
          return { ...outputs, finite: { dtype: 'bool', shape: [], data: Uint8Array.of(0) } };
        },
      };
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  });
  return {
    name,
    contract: 2,
    probe: () => reference.probe(),
    open: async (options) => {
      const device = await reference.open(options);
      const wrapped: Device = {
        info: device.info,
        numerics: device.numerics,
        lost: device.lost,
        createState: (values) => device.createState(values),
        compile: async (graph, how) => watch(await device.compile(graph, how)),
        [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
      };
      return wrapped;
    },
  };
}

/** Returns a table with one backend, named like the reference, so that both can resume its runs. */
export function onlyBackend(backend: Backend): Partial<Tables> {
  return { backends: [{ name: 'reference', load: () => Promise.resolve(backend) }] };
}

/** Parses an output that has one JSON document per line. */
export function jsonLines(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

class Recorder extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor({ isTTY = false, columns = 80 }: NonNullable<WorldOptions['io']> = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

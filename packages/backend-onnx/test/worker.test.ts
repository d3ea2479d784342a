// Tests devices in workers: the calling thread stays free, plans and bits are the same, and processes can end in the middle of a run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  BackendError,
  float32,
  GraphBuilder,
  he,
  initialize,
  int32,
  sgd,
  stateOf,
  Trainer,
} from '@isonet/core';
import { nin } from '@isonet/models';
import { describe, expect, test } from 'vitest';
import { onnx, onnxHere } from '../src/index.ts';
import { Gate } from '../src/worker/gate.ts';
import { scaling } from './watched.ts';

const before = process.listenerCount('exit');

test("the calling thread's timers fire while a run computes", async () => {
  const b = new GraphBuilder('product');
  const x = b.input('x', { dtype: 'float32', shape: [1000, 1000] });
  b.output('y', b.op.matMul(x, x, { transposeA: false, transposeB: false }));
  await using device = await onnx.open({ threads: 1 });
  await using state = await device.createState({});
  await using program = await device.compile(b.build());
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const runs = Array.from({ length: 8 }, () => program.run(state, { x: float32([1000, 1000]) }));
  await Promise.all(runs.map((run) => run.read()));
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(8); // on this thread there would be at most one between two runs
});

test('training has the same plan and the same bits as on the calling thread', async () => {
  const model = nin();
  const batch = {
    inputs: float32(
      [8, 1, 28, 28],
      Float32Array.from({ length: 8 * 784 }, (_, i) => (i % 13) / 13),
    ),
    labels: int32([8], [0, 1, 2, 3, 4, 5, 6, 7]),
  };
  const trained = async (backend: typeof onnx): Promise<object> => {
    await using device = await backend.open({ threads: 2 });
    const values = initialize(stateOf(model).parameters, he, 0);
    await using trainer = await Trainer.create({ model, device, optimizer: sgd(), values, seed: 0 });
    const read = await trainer.step(batch, 0, 0.1);
    return {
      step: await read(),
      plans: [...trainer.plans],
      weights: await trainer.weights(),
      info: device.info,
    };
  };
  expect(await trained(onnx)).toEqual(await trained(onnxHere));
});

test('errors are the same as on the calling thread', async () => {
  const outcome = (backend: typeof onnx, options: object): Promise<unknown> =>
    backend.open(options).then(
      () => 'opened',
      (error: unknown) => error,
    );
  for (const options of [{ device: 'npu' }, { threads: 0 }, { limits: {} }, { tf32: true }]) {
    expect(await outcome(onnx, options)).toEqual(await outcome(onnxHere, options));
  }
  expect(await onnx.probe()).toEqual(await onnxHere.probe());
});

test('each device in WebAssembly has its own number of threads', async () => {
  const devices = await Promise.all([1, 2].map((threads) => onnx.open({ device: 'wasm', threads })));
  const texts = devices.map(({ info }) => info.text);
  expect(texts).toEqual([expect.stringMatching(/, 1 thread$/), expect.stringMatching(/, 2 threads$/)]);
  for (const device of devices) {
    await using state = await device.createState({ w: float32([2], [3, 4]) });
    await using program = await device.compile(scaling());
    expect(await program.run(state, { x: float32([2], [1, 2]) }).read()).toEqual({ y: float32([2], [3, 8]) });
  }
  for (const device of devices) await device[Symbol.asyncDispose]();
});

test('TF32 is not fixed if CUDA is unavailable', async ({ skip }) => {
  const probe = await onnx.probe();
  if (probe.ok && probe.devices.some(({ id }) => id === 'cuda')) skip('CUDA is available');
  const reason = await onnxHere.open({ device: 'cuda' }).catch((error: unknown) => error);
  expect(reason).toBeInstanceOf(BackendError);
  for (const tf32 of [false, true, false]) {
    await expect(onnx.open({ device: 'cuda', tf32 })).rejects.toEqual(reason);
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBeUndefined();
  }
});

test('a disposed device leaves no exit listener behind', async () => {
  const count = (): number => process.listenerCount('exit');
  await expect.poll(count).toBe(before); // waits for the workers of the tests above to end
  const devices = await Promise.all([onnx.open(), onnx.open()]);
  expect(count()).toBe(before + 1);
  for (const device of devices) await device[Symbol.asyncDispose]();
  await expect.poll(count).toBe(before);
});

test('within a worker it computes on that thread, and starts no other worker', async () => {
  const worker = new Worker(new URL('worker/nested.mjs', import.meta.url), {
    execArgv: ['--conditions=@isonet/source'],
  });
  const threads = await new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect(threads).toEqual({ workers: 0, y: float32([2], [3, 8]) });
});

describe('a gate', () => {
  test('reports a call in progress when it is shut, and then lets no call start', () => {
    const gate = new Gate();
    expect(gate.pass(() => gate.shut())).toBe(true);
    expect(gate.shut()).toBe(false);
    gate.wait(); // returns at once, because no call is in progress
  });

  test('reports no call in progress after a call that threw', () => {
    const gate = new Gate();
    expect(() =>
      gate.pass(() => {
        throw new Error('native');
      }),
    ).toThrow('native');
    expect(gate.shut()).toBe(false);
  });
});

interface Ended {
  readonly code: unknown;
  readonly signal: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. @param signal a signal to send repeatedly after the program's first output */
function ended(way: string, signal?: NodeJS.Signals): Promise<Ended> {
  const program = fileURLToPath(new URL('workerProgram.ts', import.meta.url));
  const args = ['--conditions=@isonet/source', '--import', 'tsx', program, way];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (error, stdout, stderr) => {
      clearInterval(sending);
      resolve({ code: error ? error.code : 0, signal: error ? error.signal : null, stdout, stderr });
    });
    let sending: NodeJS.Timeout | undefined;
    if (signal === undefined) return;
    child.stdout?.once('data', () => {
      sending = setInterval(() => child.kill(signal), 20);
    });
  });
}

describe.skipIf(process.platform === 'win32')('a process in the middle of a run', () => {
  test('that exits waits for the run, and keeps its exit code', async () => {
    expect(await ended('exit')).toEqual({ code: 7, signal: null, stdout: 'exit\n', stderr: '' });
  });

  test('that throws ends with the error', async () => {
    const { code, signal, stderr } = await ended('throw');
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('thrown on purpose');
    expect(stderr).not.toContain('Napi');
  });

  test("that exits with a signal's code is ended by that signal, after its exit listeners", async () => {
    expect(await ended('exit 143')).toEqual({ code: null, signal: 'SIGTERM', stdout: 'exit\n', stderr: '' });
  });

  test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)(
    'that exits is ended by %s, although it has listeners for it',
    async (signal) => {
      expect(await ended('exit, deaf', signal)).toEqual({
        code: null,
        signal,
        stdout: 'exiting\n',
        stderr: '',
      });
    },
  );

  test('that receives Ctrl-C and has no listener ends at once', async () => {
    expect(await ended('SIGINT')).toEqual({ code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  });

  test('that continues reads the run, and ends although its device is open', async () => {
    expect(await ended('nothing')).toEqual({ code: 0, signal: null, stdout: 'read\nexit\n', stderr: '' });
  });
});

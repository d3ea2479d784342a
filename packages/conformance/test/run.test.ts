// The suite as a function of a program, on small lists of checks and devices that misbehave.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { reference } from '@isonet/backend-reference';
import type { Device, Execution, Refusal, Supports } from '@isonet/core';
import { definitionOf, DeviceLostError, legalize, UnsupportedOpError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Check, ConformanceSubject, Outcome, Report, RunOptions, Status } from '../src/index.ts';
import { checks, runConformance, selected, withKernel, wrongKernels } from '../src/index.ts';
import { forwardedProgram } from '../src/forwarded.ts';
import type { Verdict } from '../src/check/check.ts';

const all = checks();
const some = (...keys: readonly string[]): readonly Check[] => all.filter(({ key }) => keys.includes(key));

/** A check that does what it is told. */
function check(key: string, run: (device: Device) => Partial<Verdict> | Promise<Partial<Verdict>>): Check {
  return {
    key,
    subject: key.slice(0, key.indexOf('/')),
    form: 'native',
    tier: 'contract',
    run: async (device) => ({ key, passed: true, worst: 0, failures: [], ...(await run(device)) }),
  };
}
const passes = check('any/passes', () => ({ worst: 0.25 }));
const fails = check('any/fails', () => ({ passed: false, worst: Infinity, failures: ['y is 1, not 2'] }));

const subject: ConformanceSubject = { name: 'reference', open: () => reference.open() };

/** The reference's device, with some of it changed. */
async function changed(changes: Partial<Device> | ((device: Device) => Partial<Device>)): Promise<Device> {
  const device = withKernel(await reference.open(), () => undefined);
  return { ...device, ...(typeof changes === 'function' ? changes(device) : changes) };
}

/** The reference's device, but it refuses what `supports` does. */
function refusing(supports: Supports): Promise<Device> {
  return changed((device) => ({
    compile: async (graph, options) => device.compile(legalize(graph, supports), options),
  }));
}

async function outcomes(
  of: Partial<ConformanceSubject>,
  list: readonly Check[],
  options: RunOptions = {},
): Promise<{ readonly report: Report; readonly told: readonly Outcome[] }> {
  const told: Outcome[] = [];
  const onCheck = (outcome: Outcome): void => void told.push(outcome);
  const report = await runConformance({ ...subject, ...of }, { checks: list, onCheck, ...options });
  return { report, told };
}

it('the reference passes, in both forms', async () => {
  const { report } = await outcomes({}, some('exp/around-0', 'relu/reals/decomposed', 'conv2d/reals-3x3'));
  expect(report).toMatchObject({
    name: 'reference',
    device: { id: 'cpu', kind: 'cpu', numerics: { float32: { heldAs: 'float64' } } },
    native: { passed: 2, all: 2 },
    decomposed: { passed: 1, all: 1 },
    score: 1,
    wrong: [],
    excused: [],
    interrupted: false,
  });
  expect(report.device.plan).toMatch(/^reference-[0-9a-f]{32}$/);
  expect(report.rows.map((row) => row.subject)).toEqual(['conv2d', 'exp', 'relu']);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

it('a fault is told where it is, and nowhere else', async () => {
  const fault = wrongKernels['conv2d: a dropped tap'];
  if (!fault) throw new Error('no such fault');
  const open = async (): Promise<Device> => withKernel(await reference.open(), fault);
  const { report } = await outcomes({ open }, some('conv2d/reals-3x3', 'exp/around-0'));
  expect(report.score).toBe(0.5);
  expect(report.wrong).toHaveLength(1);
  expect(report.wrong[0]).toMatchObject({ key: 'conv2d/reals-3x3', status: 'failed' });
  expect(report.wrong[0]?.failures[0]).toMatch(/^forward: y0 at \[0, 0, 0, 0\] is /);
});

it('each status has its own count, and only what is unexpected is wrong', async () => {
  const refused = check('any/refused', () => ({ passed: false, refused: 'not today' }));
  const notNative = check('any/not-native', () => ({ notNative: true }));
  const heavy = { ...check('any/heavy', () => ({})), heavy: true };
  const mended = check('any/mended', () => ({}));
  const known = { ...fails, key: 'any/known' };
  const of = {
    tooSlow: 'an hour each',
    knownFaults: { 'any/known': 'issue 7', 'any/mended': 'issue 8' },
  };
  const { report, told } = await outcomes(of, [passes, fails, known, mended, refused, notNative, heavy]);
  expect(told.map(({ status }) => status)).toEqual([
    'passed',
    'failed',
    'expected',
    'mended',
    'unsupported',
    'unsupported',
    'leftOut',
  ]);
  expect(report.native).toEqual({
    passed: 1,
    failed: 1,
    expected: 1,
    mended: 1,
    unsupported: 2,
    leftOut: 1,
    all: 7,
    worst: null,
  });
  expect(report.score).toBe(1 / 7);
  expect(report.wrong.map(({ key }) => key)).toEqual(['any/fails', 'any/mended']);
  expect(report.wrong[1]?.failures).toEqual([
    'it passes: take it off knownFaults, where it has the reason: issue 8',
  ]);
  expect(report.excused.map(({ key, reason }) => [key, reason])).toEqual([
    ['any/known', 'issue 7'],
    ['any/refused', 'not today'],
    ['any/not-native', 'no kernel of its own: what ran is its decomposition'],
    ['any/heavy', 'an hour each'],
  ]);
});

it('what a check throws is its failure, and the run goes on', async () => {
  const throws = check('any/throws', () => {
    throw new Error('out of memory');
  });
  const { report } = await outcomes({}, [throws, passes]);
  expect(report.wrong).toEqual([{ key: 'any/throws', status: 'failed', failures: ['out of memory'] }]);
  expect(report.native).toMatchObject({ failed: 1, passed: 1, worst: null });
  expect(report.reopened).toEqual([]);
});

it('a check that hangs fails, and the next one has another device', async () => {
  const devices: Device[] = [];
  const remember = (device: Device): object => {
    devices.push(device);
    return {};
  };
  const hangs = check('any/hangs', (device) => {
    remember(device);
    return new Promise<never>(() => undefined);
  });
  const { report } = await outcomes({ timeoutMs: 20 }, [hangs, check('any/next', remember)]);
  const [failure = ''] = report.wrong[0]?.failures ?? [];
  expect(failure).toMatch(/^any\/hangs is not done after 20 ms: .*timeoutMs of the subject \(which has 20\)/);
  expect(report.reopened).toEqual([failure]);
  expect(report.native).toMatchObject({ failed: 1, passed: 1 });
  expect(devices[0]).not.toBe(devices[1]);
});

it('a device that is lost is told once, and opened again', async () => {
  let opened = 0;
  const open = async (): Promise<Device> => {
    if (opened++ > 0) return reference.open();
    let lose: (reason: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const compile = (): Promise<never> => {
      lose('driver reset');
      return Promise.reject(new DeviceLostError('the device was lost: driver reset'));
    };
    return changed({ lost, compile });
  };
  const { report } = await outcomes({ open }, some('exp/around-0', 'max/reals', 'conv2d/3x3'));
  // The first program that it is given is the one whose plan is reported.
  expect(report.device.plan).toBeNull();
  expect(report.reopened).toEqual(['the device was lost: driver reset']);
  expect(report.native).toMatchObject({ passed: 3, all: 3 });
  expect(opened).toBe(2);
});

it('a check that waits for a lost device does not wait for its time limit', async () => {
  let lose: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  const waits = check('any/waits', () => {
    lose('unplugged');
    return new Promise<never>(() => undefined);
  });
  const { report } = await outcomes({ open: () => changed({ lost }) }, [waits]);
  expect(report.wrong[0]?.failures).toEqual(['the device was lost: unplugged']);
});

it('a device that does not open again fails what is left', async () => {
  let opened = 0;
  const open = (): Promise<Device> =>
    opened++ === 0 ? reference.open() : Promise.reject(new Error('it is in use'));
  const loses = check('any/loses', () => {
    throw new DeviceLostError('gone');
  });
  const { report } = await outcomes({ open }, [loses, passes, passes]);
  expect(report.native).toMatchObject({ failed: 3, passed: 0 });
  expect(report.wrong[2]?.failures).toEqual([
    'there is no device any more: gone; it does not open again: it is in use',
  ]);
  expect(opened).toBe(2);
});

it('a refusal that lists what is refused is one', async () => {
  const open = (): Promise<Device> => refusing(() => 'not today');
  const { told } = await outcomes({ open }, some('exp/around-0', 'relu/reals', 'contract/frozen'));
  expect(told.map(({ status }) => status)).toEqual(['unsupported', 'unsupported', 'unsupported']);
  expect(told[1]?.reason).toContain('max "relu/reals": not today');
});

describe('a refusal fails where its list', () => {
  const noMax: Supports = ({ op }) =>
    op === 'max' || op === 'exp' || definitionOf(op).kind === 'composite' ? `no ${op}` : true;

  /** The reference without max and exp, but its lists are wrong. */
  const listing = (change: (refusals: readonly Refusal[]) => readonly Refusal[]): Promise<Device> =>
    refusing(noMax).then((device) => ({
      ...device,
      compile: (graph, options) =>
        device.compile(graph, options).catch((error: unknown) => {
          if (!(error instanceof UnsupportedOpError)) throw error;
          throw new UnsupportedOpError('not today', change(error.refusals));
        }),
    }));

  const failuresOf = async (
    change: (refusals: readonly Refusal[]) => readonly Refusal[],
  ): Promise<string> => {
    const { report } = await outcomes({ open: () => listing(change) }, some('combination/classifier'));
    return report.wrong.flatMap(({ failures }) => failures).join();
  };

  it('is right: then it does not', async () => {
    expect(await failuresOf((refusals) => refusals)).toBe('');
  });

  it('is empty', async () => {
    expect(await failuresOf(() => [])).toMatch(
      /^an UnsupportedOpError of compile has to list the nodes that are refused; compile says: not today$/,
    );
  });

  it('lacks a node that is refused, of a composite too', async () => {
    for (const op of ['max', 'exp']) {
      expect(await failuresOf((refusals) => refusals.filter((refusal) => refusal.op !== op))).toMatch(
        new RegExp(`^${op} "combination/classifier" is refused on its own, yet is not listed`),
      );
    }
  });

  it('has a node that runs', async () => {
    const runs = { node: 'conv2d "combination/classifier"', op: 'conv2d', reason: 'no conv2d' };
    expect(await failuresOf((refusals) => [...refusals, runs])).toMatch(
      /^conv2d "combination\/classifier" is listed as refused, yet compiles on its own/,
    );
  });

  it('does not say why', async () => {
    expect(await failuresOf((refusals) => refusals.map((refusal) => ({ ...refusal, reason: '' })))).toMatch(
      /is refused without a reason/,
    );
  });
});

it('a program that was compiled and then refuses has failed', async () => {
  const compile: Device['compile'] = async (graph, options) => {
    const program = await (await reference.open()).compile(graph, options);
    const refused = Promise.reject(new UnsupportedOpError('exp "e": not today'));
    refused.catch(() => undefined);
    const execution: Execution = { accepted: refused, read: () => refused, discard: () => undefined };
    return { ...forwardedProgram(program), run: () => execution };
  };
  const { report } = await outcomes({ open: () => changed({ compile }) }, some('exp/around-0'));
  expect(report.wrong).toEqual([
    {
      key: 'exp/around-0',
      status: 'failed',
      failures: ['exp "e": not today'],
    },
  ]);
});

it('what throws a refusal at once, or for its state, has failed as well', async () => {
  const refusal = new UnsupportedOpError('not today');
  const compile: Device['compile'] = async (graph, options) => {
    const program = await (await reference.open()).compile(graph, options);
    const run = (): Execution => {
      throw refusal;
    };
    return { ...forwardedProgram(program), run };
  };
  const createState = (): Promise<never> => Promise.reject(refusal);
  for (const changes of [{ compile }, { createState }]) {
    const { report } = await outcomes(
      { open: () => changed(changes) },
      some('exp/around-0', 'contract/discard'),
    );
    expect(report.native).toMatchObject({ failed: 2, unsupported: 0 });
  }
});

it('counts as native what is in the graph that runs', async () => {
  const statuses = async (of: Partial<ConformanceSubject>): Promise<readonly Status[]> =>
    (await outcomes(of, some('relu/reals'))).told.map(({ status }) => status);
  const native = (): Promise<Device> =>
    changed((device) => ({
      compile: async (graph, options) => ({
        ...forwardedProgram(await device.compile(graph, options)),
        graph,
      }),
    }));
  expect(await statuses({})).toEqual(['unsupported']);
  expect(await statuses({ open: native })).toEqual(['passed']);
});

it('a filter that leaves out the cases that a device takes finds no kernel missing', async () => {
  const supports: Supports = ({ op }, [x]) =>
    op === 'exp' && x?.shape.length === 3 ? 'not of three axes' : true;
  const list = all.filter((one) => one.subject === 'exp');
  const { report } = await outcomes({ open: () => refusing(supports) }, list, { filter: 'exp/around-0' });
  expect(report).toMatchObject({ wrong: [], native: { unsupported: 1, all: 1 } });
});

it('a primitive whose every case is refused is a kernel that is missing', async () => {
  const supports: Supports = ({ op }) => (op === 'exp' ? 'no exp' : true);
  const list = all.filter((one) => one.subject === 'exp' || one.key === 'tanh/around-0');
  const { report } = await outcomes({ open: () => refusing(supports) }, list);
  expect(report.wrong).toEqual([
    {
      key: 'exp',
      status: 'failed',
      failures: ['the device refuses every case of this primitive: its kernel is missing'],
    },
  ]);
});

it('stops after the check in hand', async () => {
  const signal = { aborted: false };
  const stops = check('any/stops', () => {
    signal.aborted = true;
    return {};
  });
  const { report } = await outcomes({}, [stops, passes], { signal });
  expect(report).toMatchObject({ interrupted: true, native: { passed: 1, all: 1 } });
});

it('a failure to let go of the device is told', async () => {
  const dispose = (): Promise<void> => Promise.reject(new Error('still in use'));
  const { report } = await outcomes({ open: () => changed({ [Symbol.asyncDispose]: dispose }) }, [passes]);
  expect(report.wrong).toEqual([{ key: 'device', status: 'failed', failures: ['dispose: still in use'] }]);
});

it('refuses what cannot be run', async () => {
  await expect(runConformance(subject, { filter: 'conv3d', checks: all })).rejects.toThrow(
    'there is no check conv3d',
  );
  await expect(
    runConformance({ ...subject, unavailable: 'no GPU; buy one' }, { checks: all }),
  ).rejects.toThrow('reference: no GPU; buy one');
  await expect(
    runConformance({ ...subject, knownFaults: { 'conv3d/a': '' } }, { checks: all }),
  ).rejects.toThrow('knownFaults: there is no check conv3d/a');
});

it('a filter means an op, a key, or how keys begin', () => {
  const keys = (filter: string | RegExp): readonly string[] => selected(all, filter).map(({ key }) => key);
  expect(new Set(selected(all, 'max').map((one) => one.subject))).toEqual(new Set(['max']));
  expect(keys('conv2d/reals')).toEqual(
    all.map(({ key }) => key).filter((key) => key.startsWith('conv2d/reals')),
  );
  expect(keys('conv2d/reals').length).toBeGreaterThan(1);
  expect(keys('relu/reals')).toContain('relu/reals');
  expect(keys(/padded$/).every((key) => key.endsWith('padded'))).toBe(true);
  expect(keys('conv')).toEqual([]);
});

it(
  'a rejected promise that the backend lets lie is told, and ends nothing',
  { timeout: 60_000 },
  async () => {
    const script = fileURLToPath(new URL('rejectOnce.ts', import.meta.url));
    const args = ['--conditions=@isonet/source', '--import', 'tsx', script];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({
      wrong: [
        {
          key: 'any/lies',
          status: 'failed',
          failures: ['nobody handles a promise that is rejected: the driver is gone'],
        },
      ],
      passed: 2,
    });
  },
);

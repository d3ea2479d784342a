// runConformance on short lists of checks and on devices that misbehave.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { reference } from '@isonet/backend-reference';
import type { Device, Execution, Refusal, Supports } from '@isonet/core';
import { definitionOf, DeviceLostError, legalize, sizeOf, UnsupportedOpError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Check, ConformanceSubject, Outcome, Report, RunOptions, Score, Status } from '../src/index.ts';
import { checks, runConformance, selected } from '../src/index.ts';
import { forwarded, forwardedProgram } from '../src/forwarded.ts';
import type { Verdict } from '../src/check/check.ts';
import { mutatedDevice } from './mutation/device.ts';

const all = checks();
const some = (...keys: readonly string[]): readonly Check[] => all.filter(({ key }) => keys.includes(key));

/** Returns a check with a scripted verdict. */
function check(key: string, run: (device: Device) => Partial<Verdict> | Promise<Partial<Verdict>>): Check {
  return {
    key,
    group: key.slice(0, key.indexOf('/')),
    form: 'native',
    tier: 'contract',
    run: async (device) => ({ key, passed: true, worst: 0, failures: [], ...(await run(device)) }),
  };
}
const passes = check('any/passes', () => ({ worst: 0.25 }));
const fails = check('any/fails', () => ({ passed: false, worst: Infinity, failures: ['y is 1, not 2'] }));

const subject: ConformanceSubject = { name: 'reference', open: () => reference.open() };

/** Returns the device of the reference, with some members replaced. */
async function changed(changes: Partial<Device> | ((device: Device) => Partial<Device>)): Promise<Device> {
  const device = forwarded(await reference.open());
  return { ...device, ...(typeof changes === 'function' ? changes(device) : changes) };
}

/** Returns the device of the reference, limited to the nodes that `supports` accepts. */
function refusing(supports: Supports): Promise<Device> {
  return changed((device) => ({
    compile: async (graph, options) => device.compile(legalize(graph, supports), options),
  }));
}

async function outcomes(
  of: Partial<ConformanceSubject>,
  list: readonly Check[],
  options: RunOptions = {},
): Promise<{ readonly report: Report; readonly seen: readonly Outcome[] }> {
  const seen: Outcome[] = [];
  const onCheck = (outcome: Outcome): void => void seen.push(outcome);
  const report = await runConformance({ ...subject, ...of }, { checks: list, onCheck, ...options });
  return { report, seen };
}

it('the reference passes, in both forms', async () => {
  const { report } = await outcomes({}, some('exp/around-0', 'relu/reals/decomposed', 'conv2d/reals-3x3'));
  expect(report).toMatchObject({
    name: 'reference',
    device: { id: 'cpu', kind: 'cpu', numerics: { float32: { heldAs: 'float64' } } },
    native: { passed: 2, all: 2 },
    decomposed: { passed: 1, all: 1 },
    conformance: { count: 3, of: 3 },
    nativeCoverage: { count: 0, of: 0 },
    wrong: [],
    excused: [],
    interrupted: false,
  });
  expect(report.device.plan).toMatch(/^reference-[0-9a-f]{32}$/);
  expect(report.rows.map((row) => row.group)).toEqual(['conv2d', 'exp', 'relu']);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

it("shows the source location of JavaScript's built-in errors only", async () => {
  const bug = check('any/bug', () => {
    throw new TypeError('x is not a function');
  });
  const noPlace = check('any/no-place', () => {
    throw Object.assign(new RangeError('too long'), { stack: 'RangeError: too long' });
  });
  const deliberate = check('any/deliberate', () => {
    throw new Error('no memory');
  });
  const { seen } = await outcomes({}, [bug, noPlace, deliberate]);
  expect(seen.map(({ failures }) => failures)).toEqual([
    [expect.stringMatching(/^x is not a function, at .*run\.test\.ts:\d+:\d+\)?$/)],
    ['too long'],
    ['no memory'],
  ]);
});

it('reports a wrong kernel only for its own op', async () => {
  const open = (): Promise<Device> => mutatedDevice('conv2d: a dropped tap');
  const { report } = await outcomes({ open }, some('conv2d/reals-3x3', 'exp/around-0'));
  expect(report.conformance).toEqual({ count: 1, of: 2 });
  expect(report.wrong).toHaveLength(1);
  expect(report.wrong[0]).toMatchObject({ key: 'conv2d/reals-3x3', status: 'failed' });
  expect(report.wrong[0]?.failures[0]).toMatch(/^forward: y0 at \[0, 0, 0, 0\] is /);
});

it('counts each status, and reports only the unexpected ones as wrong', async () => {
  const refused = check('any/refused', () => ({ passed: false, refused: 'not today' }));
  const unclaimed = check('any/unclaimed', () => ({ passed: false, notApplicable: 'no NaN' }));
  const heavy = { ...check('any/heavy', () => ({})), heavy: true };
  const fixed = check('any/fixed', () => ({}));
  const known = { ...fails, key: 'any/known' };
  const of = {
    skipHeavy: 'an hour each',
    xfail: { 'any/known': 'issue 7', 'any/fixed': 'issue 8' },
  };
  const { report, seen } = await outcomes(of, [passes, fails, known, fixed, refused, unclaimed, heavy]);
  expect(seen.map(({ status }) => status)).toEqual([
    'passed',
    'failed',
    'xfail',
    'unexpectedPass',
    'refused',
    'skipped',
    'skipped',
  ]);
  expect(report.native).toEqual({
    passed: 1,
    failed: 1,
    xfail: 1,
    unexpectedPass: 1,
    refused: 1,
    skipped: 2,
    all: 7,
    worst: null,
  });
  expect(report.conformance).toEqual({ count: 2, of: 5 });
  expect(report.wrong.map(({ key }) => key)).toEqual(['any/fails', 'any/fixed', 'any/refused']);
  expect(report.wrong.slice(1).map(({ failures }) => failures)).toEqual([
    ['it passes: remove it from xfail (issue 8)'],
    ['not today'],
  ]);
  expect(report.excused.map(({ key, reason }) => [key, reason])).toEqual([
    ['any/known', 'issue 7'],
    ['any/unclaimed', 'no NaN'],
    ['any/heavy', 'an hour each'],
  ]);
});

it('reports an error that a check throws as its failure, and continues', async () => {
  const throws = check('any/throws', () => {
    throw new Error('out of memory');
  });
  const { report } = await outcomes({}, [throws, passes]);
  expect(report.wrong).toEqual([{ key: 'any/throws', status: 'failed', failures: ['out of memory'] }]);
  expect(report.native).toMatchObject({ failed: 1, passed: 1, worst: null });
  expect(report.reopened).toEqual([]);
});

it('fails a check that hangs, and opens another device for the next one', async () => {
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
  expect(failure).toMatch(
    /^any\/hangs did not finish within 20 ms: .*the subject's timeoutMs \(20\) is too short$/,
  );
  expect(report.reopened).toEqual([failure]);
  expect(report.native).toMatchObject({ failed: 1, passed: 1 });
  expect(devices[0]).not.toBe(devices[1]);
});

it('reports a lost device once, and reopens it', async () => {
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
  // The device was lost while it compiled the program whose plan id the report would show.
  expect(report.device.plan).toBeNull();
  expect(report.reopened).toEqual(['the device was lost: driver reset']);
  expect(report.native).toMatchObject({ passed: 3, all: 3 });
  expect(opened).toBe(2);
});

it('ends a check that waits for a lost device at once', async () => {
  let lose: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  const waits = check('any/waits', () => {
    lose('unplugged');
    return new Promise<never>(() => undefined);
  });
  const { report } = await outcomes({ open: () => changed({ lost }) }, [waits]);
  expect(report.wrong[0]?.failures).toEqual(['the device was lost: unplugged']);
});

it('fails the remaining checks if the device cannot be reopened', async () => {
  let opened = 0;
  const open = (): Promise<Device> =>
    opened++ === 0 ? reference.open() : Promise.reject(new Error('it is in use'));
  const loses = check('any/loses', () => {
    throw new DeviceLostError('gone');
  });
  const { report } = await outcomes({ open }, [loses, passes, passes]);
  expect(report.native).toMatchObject({ failed: 3, passed: 0 });
  expect(report.wrong[2]?.failures).toEqual([
    'the device is gone (gone) and cannot be reopened: it is in use',
  ]);
  expect(opened).toBe(2);
});

it('accepts a refusal that lists the refused nodes', async () => {
  const open = (): Promise<Device> => refusing(() => 'not today');
  const { seen } = await outcomes({ open }, some('exp/around-0', 'relu/reals', 'contract/frozen'));
  expect(seen.map(({ status }) => status)).toEqual(['refused', 'refused', 'refused']);
  expect(seen[1]?.reason).toContain('max "relu/reals": not today');
});

describe('the list of a refusal', () => {
  const noMax: Supports = ({ op }) =>
    op === 'max' || op === 'exp' || definitionOf(op).kind === 'composite' ? `no ${op}` : true;

  /** Returns the reference without max and exp, with changed lists of refused nodes. */
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
    return report.wrong.flatMap(({ status, failures }) => (status === 'failed' ? failures : [])).join();
  };

  it('may be right', async () => {
    expect(await failuresOf((refusals) => refusals)).toBe('');
  });

  it('must not be empty', async () => {
    expect(await failuresOf(() => [])).toMatch(
      /^an UnsupportedOpError of compile lists no refused node; compile reports: not today$/,
    );
  });

  it('must have every refused node, including those of composites', async () => {
    for (const op of ['max', 'exp']) {
      expect(await failuresOf((refusals) => refusals.filter((refusal) => refusal.op !== op))).toMatch(
        new RegExp(`^${op} "combination/classifier" is refused on its own, but is not listed`),
      );
    }
  });

  it('must not have a node that runs', async () => {
    const runs = { node: 'conv2d "combination/classifier"', op: 'conv2d', reason: 'no conv2d' };
    expect(await failuresOf((refusals) => [...refusals, runs])).toMatch(
      /^conv2d "combination\/classifier" is listed as refused, but compiles on its own/,
    );
  });

  it('must give reasons', async () => {
    expect(await failuresOf((refusals) => refusals.map((refusal) => ({ ...refusal, reason: '' })))).toMatch(
      /is refused without a reason/,
    );
  });
});

it('fails a program that compiles and then refuses to run', async () => {
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

it('fails a device that throws a refusal from run or createState', async () => {
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
    expect(report.native).toMatchObject({ failed: 2, refused: 0 });
  }
});

it('counts a composite as native if it is in the graph of the program', async () => {
  const coverage = async (of: Partial<ConformanceSubject>): Promise<Score> => {
    const { report } = await outcomes(of, some('relu/reals', 'exp/around-0'));
    expect(report.conformance).toEqual({ count: 2, of: 2 });
    return report.nativeCoverage;
  };
  const native = (): Promise<Device> =>
    changed((device) => ({
      compile: async (graph, options) => ({
        ...forwardedProgram(await device.compile(graph, options)),
        graph,
      }),
    }));
  expect(await coverage({})).toEqual({ count: 0, of: 1 });
  expect(await coverage({ open: native })).toEqual({ count: 1, of: 1 });
});

describe('a case that a device refuses because of its size', () => {
  /** Returns a `supports` function that refuses sums of more than 1,000 values. */
  const limited = (limit?: 'size'): Supports => {
    return ({ op }, [x]) =>
      op === 'reduceSum' && sizeOf(x?.shape ?? []) > 1000
        ? limit
          ? { reason: 'too large', limit }
          : 'too large'
        : true;
  };
  const large = 'reduceSum/full-size-nin-bias';
  const statusOf = async (supports: Supports, key: string): Promise<Status | undefined> =>
    (await outcomes({ open: () => refusing(supports) }, some(key))).seen[0]?.status;

  it('does not count if the device passes it at a smaller size', async () => {
    expect(await statusOf(limited('size'), large)).toBe('skipped');
  });

  it('is refused if size is not named as the reason, or if there is no smaller size', async () => {
    expect(await statusOf(limited(), large)).toBe('refused');
    expect(await statusOf(limited('size'), 'reduceSum/long')).toBe('refused');
  });

  it('states in the reason that there is no smaller size', async () => {
    const reasonFor = async (key: string, reason?: 'size'): Promise<string | undefined> => {
      const open = (): Promise<Device> =>
        refusing(() => (reason === undefined ? 'too large' : { reason: 'too large', limit: reason }));
      return (await outcomes({ open }, some(key))).seen[0]?.reason;
    };
    const note = /this check has no smaller variant, so raise the limit/;
    expect(await reasonFor('reduceSum/long', 'size')).toMatch(note);
    expect(await reasonFor('contract/frozen', 'size')).toMatch(note);
    expect(await reasonFor('contract/frozen')).not.toMatch(note);
  });

  it('fails if the device is wrong at the smaller size', async () => {
    const wrong = await mutatedDevice('reduceSum: a dropped term');
    const open = (): Promise<Device> =>
      Promise.resolve({
        ...wrong,
        compile: async (graph, options) => wrong.compile(legalize(graph, limited('size')), options),
      });
    const { seen } = await outcomes({ open }, some(large));
    expect(seen[0]?.status).toBe('failed');
  });
});

it('stops after the current check', async () => {
  const signal = { aborted: false };
  const stops = check('any/stops', () => {
    signal.aborted = true;
    return {};
  });
  const { report } = await outcomes({}, [stops, passes], { signal });
  expect(report).toMatchObject({ interrupted: true, native: { passed: 1, all: 1 } });
});

it('reports a device that cannot be disposed', async () => {
  const dispose = (): Promise<void> => Promise.reject(new Error('still in use'));
  const { report } = await outcomes({ open: () => changed({ [Symbol.asyncDispose]: dispose }) }, [passes]);
  expect(report.wrong).toEqual([{ key: 'device', status: 'failed', failures: ['dispose: still in use'] }]);
});

it('rejects an unknown filter, a missing device and an unknown key of xfail', async () => {
  await expect(runConformance(subject, { filter: 'conv3d', checks: all })).rejects.toThrow(
    'no check matches the filter conv3d',
  );
  await expect(
    runConformance({ ...subject, unavailable: 'no GPU; buy one' }, { checks: all }),
  ).rejects.toThrow('reference: no GPU; buy one');
  await expect(runConformance({ ...subject, xfail: { 'conv3d/a': '' } }, { checks: all })).rejects.toThrow(
    'xfail: unknown check conv3d/a',
  );
});

it('filters by op, by key and by the start of keys', () => {
  const keys = (filter: string | RegExp): readonly string[] => selected(all, filter).map(({ key }) => key);
  expect(new Set(selected(all, 'max').map((one) => one.group))).toEqual(new Set(['max']));
  expect(keys('conv2d/reals')).toEqual(
    all.map(({ key }) => key).filter((key) => key.startsWith('conv2d/reals')),
  );
  expect(keys('conv2d/reals').length).toBeGreaterThan(1);
  expect(keys('relu/reals')).toContain('relu/reals');
  expect(keys(/padded$/).every((key) => key.endsWith('padded'))).toBe(true);
  expect(keys('conv')).toEqual([]);
});

it('reports an unhandled rejection in a backend, and continues', { timeout: 60_000 }, async () => {
  const script = fileURLToPath(new URL('rejectOnce.ts', import.meta.url));
  const args = ['--conditions=@isonet/source', '--import', 'tsx', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual({
    wrong: [
      {
        key: 'any/rejects',
        status: 'failed',
        failures: ['unhandled rejection: the driver is gone'],
      },
    ],
    passed: 2,
  });
});

// The runner of ONNX's backend tests accepts correct outputs and rejects wrong ones, and the list covers every
// operator.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reference } from '@isonet/backend-reference';
import type { Device } from '@isonet/core';
import { float32 } from '@isonet/core';
import { operators } from '@isonet/onnx/read';
import type { OnnxCaseList, Prepared } from '@isonet/onnx-backend-tests';
import {
  findOnnxCases,
  isFolded,
  differsFromList,
  onnxCaseList,
  prepareOnnxCase,
  runOnnxCase,
} from '@isonet/onnx-backend-tests';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mismatch } from '../src/compare.ts';

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));
const EMPTY: OnnxCaseList = { passing: [], folded: [], partly: {}, operators: {}, rest: {} };

let device: Device;
beforeAll(async () => {
  device = await reference.open();
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
});

async function prepared(key: string, folder = FIXTURES): Promise<Prepared> {
  const test = (await findOnnxCases(folder)).find((each) => each.key === key);
  if (!test) throw new Error(`no case ${key}`);
  return prepareOnnxCase(test);
}

describe('a case', () => {
  const key = 'node/test_softplus_example';

  it('has a status for each combination of outcome and list', async () => {
    const test = await prepared(key);
    const status = async (list: Partial<OnnxCaseList>): Promise<string> =>
      (await runOnnxCase(device, test, { list: { ...EMPTY, ...list }, backend: 'mine' })).status;
    expect(await status({ passing: [key] })).toBe('passed');
    expect(await status({ rest: { [key]: 'too hard' } })).toBe('unexpected pass');
    expect(await status({})).toBe('unlisted');
    const partly = (failsOn: string): Partial<OnnxCaseList> => ({
      partly: { [key]: { failsOn: [failsOn], reason: 'why' } },
    });
    expect(await status(partly('mine'))).toBe('unexpected pass');
    expect(await status(partly('another'))).toBe('passed');
    // A case listed as folded would not need a device.
    expect(await status({ folded: [key] })).toBe('failed');
  });

  it('fails if an expected value differs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isonet-onnx-'));
    try {
      cpSync(FIXTURES, folder, { recursive: true });
      const path = join(folder, key, 'test_data_set_0/output_0.pb');
      const bytes = readFileSync(path);
      // The last byte holds the exponent of the last value.
      bytes[bytes.length - 1] = 0x41;
      writeFileSync(path, bytes);
      const test = await prepared(key, folder);
      const failed = await runOnnxCase(device, test, { list: { ...EMPTY, passing: [key] }, backend: 'mine' });
      expect(failed.status).toBe('failed');
      expect(failed.reason).toMatch(/^output "y"\[2\]: expected 21\./);
      expect(differsFromList(failed)).toBe(true);
      expect(
        (await runOnnxCase(device, test, { list: { ...EMPTY, rest: { [key]: 'why' } }, backend: 'mine' }))
          .status,
      ).toBe('xfail');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is fed only the inputs that no shape depends on', async () => {
    const test = await prepared('node/test_constant_pad');
    expect(isFolded(test)).toBe(false);
    expect('sets' in test && test.sets.map(({ feeds }) => Object.keys(feeds))).toEqual([['x']]);
  });

  it('in a folder without tests is reported with the package to install', async () => {
    await expect(findOnnxCases(join(FIXTURES, 'node/test_if/test_data_set_0'))).rejects.toThrow(
      /^expected ONNX's backend tests .* got none; on Debian: apt-get install libonnx-testdata$/,
    );
  });
});

it('compares kinds, shapes, values, infinities and NaN', () => {
  const expected = { kind: 'float', shape: [3], data: Float32Array.of(1, Infinity, NaN) } as const;
  const against = (...data: readonly number[]): string | undefined =>
    mismatch('y', expected, float32([data.length], Float32Array.from(data)));
  expect(against(1.0009, Infinity, NaN)).toBeUndefined();
  expect(against(1.0011, Infinity, NaN)).toMatch(/^output "y"\[0\]: expected 1, got 1\.001/);
  expect(against(1, -Infinity, NaN)).toBe('output "y"[1]: expected Infinity, got -Infinity');
  expect(against(1, 3e38, NaN)).toMatch(/^output "y"\[1\]/);
  expect(against(1, Infinity, 0)).toBe('output "y"[2]: expected NaN, got 0');
  expect(against(1, Infinity)).toBe('output "y": expected [3], got [2]');
  expect(mismatch('y', { ...expected, kind: 'int', data: Float64Array.of(1, 2, 3) }, float32([3]))).toBe(
    'output "y": expected int, got float32',
  );
  expect(mismatch('y', expected, undefined)).toBe('output "y" is missing');
});

/** Operators that every graph refuses. */
const REFUSED = /^(Loop|Scan|Sequence\w+|SplitToSequence|ConcatFromSequence)$/;

describe('the list', () => {
  it('has a case for every supported operator without a fixture', async () => {
    const own = await Promise.all((await findOnnxCases(FIXTURES)).map(prepareOnnxCase));
    const covered = new Set([
      ...Object.keys(onnxCaseList().operators),
      ...own.flatMap((each) => ('operators' in each ? each.operators : [])),
    ]);
    expect(operators.filter((operator) => !REFUSED.test(operator) && !covered.has(operator))).toEqual([]);
  });

  it('has each case once, and a reason for each case that does not pass', () => {
    const { passing, folded, partly, rest, operators: byOperator } = onnxCaseList();
    const keys = [...passing, ...folded, ...Object.keys(partly), ...Object.keys(rest)];
    expect(new Set(keys).size).toBe(keys.length);
    expect(passing.length).toBeGreaterThanOrEqual(500);
    expect(Object.entries(rest).filter(([, reason]) => reason.length < 4)).toEqual([]);
    expect(
      Object.values(byOperator).filter((key) => !passing.includes(key) && !folded.includes(key)),
    ).toEqual([]);
  });
});

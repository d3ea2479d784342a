// Tests the reader of reports: a valid one is returned unchanged, and an invalid one is rejected with one line that names the field.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseReport, readReport } from '../src/index.ts';
import { sampleReport } from './sampleReport.ts';

const small = sampleReport({ models: ['nin'], batches: [1, 64] });

/** Returns the error for a report with one changed value; `''` if it is valid. */
function messageFor(path: readonly (string | number)[], value: unknown): string {
  const copy: unknown = JSON.parse(JSON.stringify(small));
  let place: object = Object(copy) as object;
  for (const key of path.slice(0, -1)) place = Object(Reflect.get(place, key)) as object;
  const last = path.at(-1);
  if (last === undefined) throw new Error('an empty path');
  if (value === undefined) Reflect.deleteProperty(place, last);
  else Reflect.set(place, last, value);
  return messageOfText(JSON.stringify(copy));
}

function messageOfText(text: string): string {
  try {
    parseReport(text, 'old.json');
    return '';
  } catch (error) {
    if (error instanceof DataError && error.code === 'BENCH_REPORT') return error.message;
    throw error;
  }
}

describe('parseReport', () => {
  it('returns the report that was written', () => {
    expect(parseReport(JSON.stringify(small), 'old.json')).toEqual(small);
    const interrupted = { ...small, rounds: 20 };
    expect(parseReport(JSON.stringify(interrupted), 'old.json')).toEqual(interrupted);
    const other = sampleReport({ othersShare: null, rounds: 3 });
    expect(parseReport(`\uFEFF${JSON.stringify(other, null, 2)}\n`, 'old.json')).toEqual(other);
  });

  it('drops unknown fields', () => {
    const more = { ...small, secret: 1, machine: { ...small.machine, user: 'me' } };
    expect(parseReport(JSON.stringify(more), 'old.json')).toEqual(small);
  });

  const first = ['measurements', 0, 'candidates', 0] as const;
  it.each<[path: readonly (string | number)[], value: unknown, message: string]>([
    [
      ['format'],
      undefined,
      'format: expected "isonet-bench", got nothing: this is not a report of `isonet bench --json`',
    ],
    [['format'], 'isonet-run', 'format: expected "isonet-bench", got "isonet-run"'],
    [
      ['version'],
      2,
      'version: expected 1, got 2: compare with the version of isonet that wrote it, or measure again with this version',
    ],
    [['version'], '1', 'version: expected an integer of at least 1, got "1"'],
    [['isonet'], 3, 'isonet: expected a string, got 3'],
    [['command'], 'x'.repeat(5000), 'command: expected at most 4096 characters, got 5,000'],
    [['date'], 'yesterday', 'date: expected a date such as "2026-11-28T14:05:00.000Z", got "yesterday"'],
    [
      ['date'],
      '2026-13-28T14:05:00.000Z',
      'date: expected a date such as "2026-11-28T14:05:00.000Z", got "2026-13-28T14:05:00.000Z"',
    ],
    [['machine'], [], 'machine: expected an object, got a list'],
    [['machine', 'cores'], 1.5, 'machine.cores: expected an integer of at least 1, got 1.5'],
    [['machine', 'memoryBytes'], 0, 'machine.memoryBytes: expected a number above 0, got 0'],
    [['rounds'], 14, 'measurements[0].candidates[0].milliseconds: expected a list of 1 to 14, got 15'],
    [['rounds'], 100_001, 'rounds: expected at most 100,000, got 100001'],
    [['measurements'], {}, 'measurements: expected a list of 0 to 10,000, got an object'],
    [
      ['measurements', 1, 'batch'],
      1,
      'measurements[1]: repeats measurements[0]: nin, recipe best, 28x28, batch 1: training step',
    ],
    [
      ['measurements', 1, 'batch'],
      2 ** 53,
      'measurements[1].batch: expected an integer of at least 1, got 9007199254740992',
    ],
    [
      ['measurements', 1, 'work'],
      'backward',
      'measurements[1].work: expected "forward" or "step", got "backward"',
    ],
    [['measurements', 1, 'imageShape'], [28, 28], 'measurements[1].imageShape: expected a list of 3, got 2'],
    [
      ['measurements', 1, 'imageShape', 2],
      null,
      'measurements[1].imageShape[2]: expected an integer of at least 1, got null',
    ],
    [
      ['measurements', 1, 'multiplyAdds'],
      -1,
      'measurements[1].multiplyAdds: expected a number of at least 0, got -1',
    ],
    [
      ['measurements', 1, 'othersShare'],
      1.2,
      'measurements[1].othersShare: expected a number from 0 to 1, got 1.2',
    ],
    [
      ['measurements', 1, 'othersShare'],
      undefined,
      'measurements[1].othersShare: expected a number from 0 to 1, got nothing',
    ],
    [['measurements', 1, 'candidates'], [], 'measurements[1].candidates: expected a list of 1 to 100, got 0'],
    [
      ['measurements', 1, 'candidates', 2],
      'torch',
      'measurements[1].candidates[2]: expected an object, got "torch"',
    ],
    [
      ['measurements', 1, 'candidates', 1, 'name'],
      'onnx:cpu',
      'measurements[1].candidates[1].name: "onnx:cpu" appears twice',
    ],
    [
      [...first, 'kind'],
      'toy',
      'measurements[0].candidates[0].kind: expected "isonet" or "rival", got "toy"',
    ],
    [[...first, 'median'], 'x', 'measurements[0].candidates[0].median: expected a number above 0, got "x"'],
    [
      [...first, 'milliseconds', 3],
      true,
      'measurements[0].candidates[0].milliseconds[3]: expected a number above 0, got true',
    ],
    [
      [...first, 'interval'],
      [2, 1],
      'measurements[0].candidates[0].interval: expected the lower end first, got [2, 1]',
    ],
    [
      [...first, 'product', 'size'],
      0,
      'measurements[0].candidates[0].product.size: expected an integer of at least 1, got 0',
    ],
    [
      [...first, 'peakBytes'],
      undefined,
      'measurements[0].candidates[0].peakBytes: expected a number above 0, got nothing',
    ],
    [
      [...first, 'deviceBytes'],
      -5,
      'measurements[0].candidates[0].deviceBytes: expected a number of at least 0, got -5',
    ],
    [[...first, 'check'], undefined, 'measurements[0].candidates[0].check: expected an object, got nothing'],
    [
      [...first, 'ratio'],
      { median: 1 },
      'measurements[0].candidates[0].ratio.interval: expected a list of 2, got nothing',
    ],
    [['missing', 0, 'fix'], undefined, 'missing[0].fix: expected a string, got nothing'],
  ])('rejects %j = %j', (path, value, message) => {
    expect(messageFor(path, value)).toBe(`old.json: ${message}`);
  });

  it('rejects a median outside of its interval', () => {
    expect(messageFor([...first, 'interval'], [1, 2])).toMatch(
      /^old\.json: measurements\[0\]\.candidates\[0\]\.median: expected a number in the interval \[1, 2\], got \d/,
    );
  });

  it.each([
    ['', 'old.json: not JSON; expected a report of `isonet bench --json`'],
    ['{"format": "isonet-bench"', 'old.json: not JSON; expected a report of `isonet bench --json`'],
    ['[1]', 'old.json: expected an object, got a list'],
    ['null', 'old.json: expected an object, got null'],
    [
      `{"format": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'old.json: format: expected "isonet-bench", got a list',
    ],
    [
      '{"format": "a\\nb\\u001b[31m"}',
      String.raw`old.json: format: expected "isonet-bench", got "a\nb\u001b[31m"`,
    ],
    [
      '{"__proto__": {"format": "isonet-bench"}}',
      'old.json: format: expected "isonet-bench", got nothing: this is not a report of `isonet bench --json`',
    ],
  ])('rejects text that is not a report', (text, message) => {
    expect(messageOfText(text)).toBe(message);
  });

  it('rejects numbers that overflow to infinity', () => {
    const text = JSON.stringify(small).replace(/"median":[\d.]+/, '"median":1e999');
    expect(messageOfText(text)).toBe(
      'old.json: measurements[0].candidates[0].median: expected a number above 0, got Infinity',
    );
  });
});

describe('readReport', () => {
  it('reads a file, and reports in one line why it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isonet-report-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'old.json');
    await expect(readReport(file)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      message: `${file}: there is no such report; npx isonet bench MODEL --out FILE.json writes one`,
    });
    await writeFile(file, JSON.stringify(small));
    expect(await readReport(file)).toEqual(small);
    await expect(readReport(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await writeFile(file, Buffer.alloc(2 ** 26 + 1, ' '));
    await expect(readReport(file)).rejects.toThrow(
      `${file}: expected a report of at most 64 MiB, got 67108865 bytes`,
    );
  });
});

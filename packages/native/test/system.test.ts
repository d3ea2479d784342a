// glibc or musl, on systems that neither Debian's nor Alpine's files tell apart.
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { thisSystem } from '../src/system.ts';

vi.mock(import('node:fs'), async (original) => ({
  ...(await original()),
  existsSync: vi.fn<typeof existsSync>(),
}));

const has = (...files: readonly string[]): void => {
  vi.mocked(existsSync).mockImplementation((file) => files.includes(String(file)));
};

/** What Node's report says of glibc; undefined: nothing. */
function report(glibcVersionRuntime: string | undefined): void {
  vi.spyOn(process.report, 'getReport').mockImplementation(() => ({ header: { glibcVersionRuntime } }));
}

beforeEach(() => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
});
afterEach(() => vi.restoreAllMocks());

test("Alpine has musl and Debian has not, which a file tells without Node's report", () => {
  const getReport = vi.spyOn(process.report, 'getReport');
  has('/etc/alpine-release');
  expect(thisSystem().musl).toBe(true);
  has('/etc/debian_version');
  expect(thisSystem().musl).toBe(false);
  expect(getReport).not.toHaveBeenCalled();
});

test("elsewhere Node's report names the version of glibc", () => {
  has();
  report('2.28');
  expect(thisSystem().musl).toBe(false);
  report(undefined);
  expect(thisSystem().musl).toBe(true);
});

test('the report looks up no connections, and later ones do as before', () => {
  has();
  const reporter = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
  const seen: boolean[] = [];
  vi.spyOn(reporter, 'getReport').mockImplementation(() => {
    seen.push(reporter.excludeNetwork);
    return { header: {} };
  });
  thisSystem();
  expect(seen).toEqual([true]);
  expect(reporter.excludeNetwork).toBe(false);
});

test('a runtime that makes no report is taken for one on glibc', () => {
  has();
  vi.spyOn(process.report, 'getReport').mockReturnValue(undefined as never);
  expect(thisSystem().musl).toBe(false);
});

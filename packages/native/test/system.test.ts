// Tests that glibc and musl are distinguished, with and without the files that only Debian or Alpine has.
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

/** Sets the version of glibc in Node's report; undefined omits it. */
function report(glibcVersionRuntime: string | undefined): void {
  vi.spyOn(process.report, 'getReport').mockImplementation(() => ({ header: { glibcVersionRuntime } }));
}

beforeEach(() => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
});
afterEach(() => vi.restoreAllMocks());

test("a file identifies Alpine (musl) and Debian (glibc) without Node's report", () => {
  const getReport = vi.spyOn(process.report, 'getReport');
  has('/etc/alpine-release');
  expect(thisSystem().musl).toBe(true);
  has('/etc/debian_version');
  expect(thisSystem().musl).toBe(false);
  expect(getReport).not.toHaveBeenCalled();
});

test("on other systems Node's report contains the version of glibc", () => {
  has();
  report('2.28');
  expect(thisSystem().musl).toBe(false);
  report(undefined);
  expect(thisSystem().musl).toBe(true);
});

test('the report leaves out connections, and the setting is restored afterwards', () => {
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

test('a runtime without a report counts as running on glibc', () => {
  has();
  vi.spyOn(process.report, 'getReport').mockReturnValue(undefined as never);
  expect(thisSystem().musl).toBe(false);
});

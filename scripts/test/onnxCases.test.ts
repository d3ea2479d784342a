// Every available device of every backend passes the ONNX cases in the repository. `npm run onnx:cases` runs all cases.
import { fileURLToPath } from 'node:url';
import { backends } from '@isonet/cli';
import type { Prepared } from '@isonet/onnx-backend-tests';
import { findOnnxCases, isFolded, prepareOnnxCase, runOnnxCase } from '@isonet/onnx-backend-tests';
import { describe, expect, it } from 'vitest';

const FIXTURES = fileURLToPath(new URL('../../packages/onnx-backend-tests/test/fixtures', import.meta.url));
const cases = await Promise.all((await findOnnxCases(FIXTURES)).map(prepareOnnxCase));
const keysOf = (all: readonly Prepared[]): readonly string[] => all.map(({ key }) => key);
const list = {
  passing: keysOf(cases.filter((each) => !isFolded(each))),
  folded: keysOf(cases.filter((each) => isFolded(each))),
  partly: {},
  operators: {},
  rest: {},
};

describe.each(backends.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
  it('passes the cases in fixtures', async () => {
    const backend = await entry.load();
    const probe = await backend.probe();
    for (const info of probe.ok ? probe.devices : []) {
      await using device = await backend.open({ device: info.id });
      for (const test of cases) {
        expect({
          device: info.id,
          ...(await runOnnxCase(device, test, { list, backend: backend.name })),
        }).toEqual({
          device: info.id,
          key: test.key,
          status: 'passed',
        });
      }
    }
  });
});

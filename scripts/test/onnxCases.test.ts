// Every device of every backend that is here passes the cases of ONNX that lie in the repository. `npm run onnx:cases` runs all.
import { fileURLToPath } from 'node:url';
import { backends } from '@isonet/cli';
import { findOnnxCases, prepare, runOnnxCase } from '@isonet/conformance/onnx';
import { describe, expect, it } from 'vitest';

const FIXTURES = fileURLToPath(
  new URL('../../packages/conformance/test/fixtures/onnxCases', import.meta.url),
);
const cases = await Promise.all((await findOnnxCases(FIXTURES)).map(prepare));
const list = { passing: cases.map(({ key }) => key), folded: [], operators: {}, rest: {} };

describe.each(backends.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
  it('passes the cases in fixtures', async () => {
    const backend = await entry.load();
    const probe = await backend.probe();
    for (const info of probe.ok ? probe.devices : []) {
      await using device = await backend.open({ device: info.id });
      for (const test of cases) {
        expect({ device: info.id, ...(await runOnnxCase(device, test, list)) }).toEqual({
          device: info.id,
          key: test.key,
          status: 'passed',
        });
      }
    }
  });
});

// Runs the suite on a backend with an unhandled rejection and prints part of the report. Runs in a separate process, because test
// runners listen for unhandled rejections themselves.
import { reference } from '@isonet/backend-reference';
import type { Check } from '../src/index.ts';
import { runConformance } from '../src/index.ts';

const check = (key: string, before: () => void): Check => ({
  key,
  group: 'any',
  form: 'native',
  tier: 'contract',
  run: async () => {
    before();
    return { key, passed: true, worst: 0, failures: [] };
  },
});
const checks = [
  check('any/rejects', () => void Promise.reject(new Error('the driver is gone'))),
  check('any/after', () => undefined),
];
const { wrong, native } = await runConformance(reference, { checks });
process.stdout.write(JSON.stringify({ wrong, passed: native.passed }));

// A program that asks a backend which lets a rejected promise lie, and prints what the report says: in a process of its own,
// since test runners listen for such promises, too.
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
  check('any/lies', () => void Promise.reject(new Error('the driver is gone'))),
  check('any/after', () => undefined),
];
const { wrong, native } = await runConformance(reference, { checks });
process.stdout.write(JSON.stringify({ wrong, passed: native.passed }));

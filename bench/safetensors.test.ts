// No header costs more than four times its file and 50 MB. A header of a few MB shows it: before, one took 400 MB.
import { expect, it } from 'vitest';
import { allowed, costOf, headers } from './headers.ts';

it.skipIf(process.platform !== 'linux').each(Object.keys(headers))('a header of %s', async (name) => {
  const { file, peak } = await costOf(name, 4);
  expect(peak).toBeLessThanOrEqual(allowed(file));
});

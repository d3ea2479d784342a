// Reading a header never takes more memory than four times the size of its file plus 50 MB. A header of a few MB is enough to test
// that: an earlier reader needed 400 MB for it.
import { expect, it } from 'vitest';
import { allowed, costOf, headers } from './headers.ts';

it.skipIf(process.platform !== 'linux').each(Object.keys(headers))(
  'reads a header of %s within the memory limit',
  async (name) => {
    const { file, peak } = await costOf(name, 4);
    expect(peak).toBeLessThanOrEqual(allowed(file));
  },
);

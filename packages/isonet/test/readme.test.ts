// What the README shows is what runs.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('shows the example that the repository holds, line by line', async () => {
  const root = new URL('../../../', import.meta.url);
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const [, shown] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  expect(shown).toBe(await readFile(new URL('examples/train.ts', root), 'utf8'));
});

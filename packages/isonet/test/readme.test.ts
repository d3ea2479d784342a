// Checks that the code in the root README is current and runs.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);

async function blocks(): Promise<readonly string[]> {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
}

it('quotes the examples of the repository verbatim', async () => {
  const shown = await blocks();
  const files = ['model', 'train', 'predict'].map((name) => new URL(`examples/browser/${name}.ts`, root));
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  expect(shown.slice(0, contents.length)).toEqual(contents);
});

it('shows a regression that runs as written', async () => {
  const code = (await blocks()).find((block) => block.includes('task: regression()')) ?? '';
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];
  const args = [...conditions, '--import', tsx, '--input-type=module', '--eval', code];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(root) });
  expect(stderr).toBe('');
  expect(Number(/meanAbsoluteError: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(0.2);
}, 60_000);

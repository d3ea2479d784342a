// Tests that control characters in external names are printed as escapes, everywhere and on one line.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { table } from '../src/show/table.ts';
import { visible, visibleJson } from '../src/show/visible.ts';
import { cutTo, fitTo, widthOf } from '../src/show/width.ts';
import { makeWorld } from './helpers.ts';

const RED = '\u001b[31m';

describe('visible', () => {
  it.each([
    [`${RED}red`, String.raw`\x1b[31mred`],
    ['two\nlines\r\n', String.raw`two\nlines\r\n`],
    ['\u0000\u0007\u007f\u009b31m', String.raw`\x00\x07\x7f\x9b31m`],
    ['invoice\u202efdp.exe', String.raw`invoice\u202efdp.exe`],
    ['\u2066a\u2069\u200e\u061c\u2028\ufeff', String.raw`\u2066a\u2069\u200e\u061c\u2028\ufeff`],
    ['\u{e0041}\ud800', String.raw`\u{e0041}\ud800`],
    [
      'Größe 日本 \u{1f468}\u200d\u{1f469} می\u200cخواهم \\n',
      'Größe 日本 \u{1f468}\u200d\u{1f469} می\u200cخواهم \\n',
    ],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(visible(shown)).toBe(shown);
    const json = visibleJson(JSON.stringify({ text }));
    expect(visible(json)).toBe(json);
    expect(JSON.parse(json)).toEqual({ text });
  });
});

it('formats a table with one line per row, aligned by visible width, and keeps its own colours', () => {
  const green = (text: string): string => `\u001b[32m${text}\u001b[39m`;
  expect(
    table(
      [{ head: 'a' }, { head: 'b' }],
      [
        [`x\n${RED}`, '1'],
        ['日本', { text: `2\n`, paint: green }],
      ],
    ),
  ).toEqual([
    `a${' '.repeat(12)}b`,
    String.raw`x\n\x1b[31m  1`,
    `日本${' '.repeat(9)}${green(String.raw`2\n`)}`,
  ]);
});

it('cuts a text between visible characters', () => {
  expect(cutTo('日本語', 5)).toBe('日本');
  expect(fitTo('日本語', 5)).toBe('日本 ');
  expect(cutTo('\u{1f468}\u200d\u{1f469}\u200d\u{1f467}!', 1)).toBe('');
  expect(widthOf(cutTo('e\u0301e\u0301e\u0301', 2))).toBe(2);
});

describe.skipIf(process.platform === 'win32')('a name with control characters', () => {
  const name = `da${RED}ta\n\u202eta`;
  const shown = String.raw`da\x1b[31mta\n\u202eta`;

  it('is escaped if it is a data folder or a run', async () => {
    const world = await makeWorld();
    await rename(world.data, join(world.cwd, name));
    const settings = ['--backend', 'reference', '--batch-size', '10', '--epochs', '1'];
    const trained = await world.run(
      'train',
      'tiny',
      ...settings,
      '--data',
      name,
      '--out',
      name.replace('da', 'ru'),
    );
    expect(trained.code).toBe(0);
    expect(trained.stdout.split('\n')).toEqual([
      expect.stringMatching(/^backend: /),
      expect.stringMatching(/^data: .* from [^\n]*\/da\\x1b\[31mta\\n\\u202eta$/),
      expect.stringMatching(/, into ru\\x1b\[31mta\\n\\u202eta$/),
      expect.stringMatching(/^epoch 1, /),
      String.raw`the run is in ru\x1b[31mta\n\u202eta; to test it: npx isonet evaluate $'ru\u001b[31mta\u000a\u202eta'`,
      '',
    ]);
    const listed = await world.run('runs', '.');
    expect(listed.stdout).toMatch(/^ru\\x1b\[31mta\\n\\u202eta {2}tiny /m);
    const json = await world.run('runs', '.', '--json');
    expect(visible(json.stdout.trimEnd())).toBe(json.stdout.trimEnd());
    expect(JSON.parse(json.stdout)).toMatchObject({ runs: [{ run: name.replace('da', 'ru') }] });
  });

  it('is escaped in an error', async () => {
    const world = await makeWorld();
    const missing = await world.run('evaluate', `${RED}\u202eno`);
    expect(missing.stderr).toMatch(/^error: "\\x1b\[31m\\u202eno" does not exist; [^\n]*\n$/);
    const unknown = await world.run('train', 'tiny', `--${RED}x`);
    expect(unknown.stderr).toBe(String.raw`error: unknown option '--\x1b[31mx'` + '\n');
    const stack = await world.run('evaluate', `${RED}no`, '--debug');
    expect(stack.stderr).not.toContain('\u001b');
  });

  it('is escaped if it is a file that is not an image', async () => {
    const world = await makeWorld();
    await mkdir(join(world.cwd, 'pictures'));
    await world.run(
      'train',
      'tiny',
      '--backend',
      'reference',
      '--data',
      world.data,
      '--epochs',
      '1',
      '--out',
      'run',
    );
    await writeFile(join(world.cwd, 'pictures', name), 'none');
    const { code, stderr } = await world.run(
      'predict',
      'run',
      join('pictures', name),
      '--backend',
      'reference',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toContain(shown.replace(String.raw`\n`, ' ').slice(0, 10));
  });
});

// Tests the quoting of commands in hints: sh reads each word unchanged.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { command, shellWord } from '@isonet/runs';
import { expect, it } from 'vitest';

const words = ['my runs/a', "it's", '$HOME', 'a;b', '~x', '*', '', '=ls', 'a"b', 'ä', '-n x', 'a\\b'];

it('does not quote plain words', () => {
  for (const word of ['runs/nin-best-onnx-0', '/a/b_c.d', '3', 'a@b', 'conv2d/reals-3x3', 'a~1']) {
    expect(shellWord(word, 'linux')).toBe(word);
  }
  expect(shellWord(String.raw`C:\runs\a`, 'win32')).toBe(String.raw`C:\runs\a`);
});

it('quotes for sh, and for Windows', () => {
  expect(shellWord('my runs/a', 'linux')).toBe("'my runs/a'");
  expect(shellWord("it's", 'linux')).toBe(String.raw`'it'\''s'`);
  expect(shellWord(String.raw`C:\my runs\a`, 'win32')).toBe(String.raw`"C:\my runs\a"`);
  expect(shellWord('a,b', 'win32')).toBe('"a,b"');
});

it.skipIf(process.platform === 'win32')('sh reads each word unchanged', async () => {
  const line = words.map((word) => shellWord(word)).join(' ');
  const { stdout } = await promisify(execFile)('sh', ['-c', `printf '<%s>' ${line}`]);
  expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
});

it.skipIf(!existsSync('/bin/bash'))('bash reads control characters from escapes', async () => {
  const hidden = ['a\nb', '\u001b[31m', "it's\t\\", 'a\u202eb', '\u{e0041}'];
  const line = hidden.map((word) => shellWord(word)).join(' ');
  expect(line).toMatch(/^[ -~]+$/);
  expect(shellWord('a\nb', 'linux')).toBe(String.raw`$'a\u000ab'`);
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  const { stdout } = await promisify(execFile)('/bin/bash', ['-c', `printf '<%s>' ${line}`], { env });
  expect(stdout).toBe(hidden.map((word) => `<${word}>`).join(''));
});

it.skipIf(process.platform === 'win32')('command quotes values but not the text around them', () => {
  expect(command`npx isonet predict ${'my run'} --test ${8}`).toBe("npx isonet predict 'my run' --test 8");
});

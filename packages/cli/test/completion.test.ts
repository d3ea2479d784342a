// Tests isonet completion. Bash runs its script; the scripts for zsh and fish are only searched for every command and option.
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { recipes } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import type { World } from './helpers.ts';
import { makeWorld } from './helpers.ts';

/** Sources the script and requests completions as readline does; prints one per line. */
const DRIVER = `
eval "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"$(complete -p isonet | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" 2>/dev/null
printf '%s\\n' "\${COMPREPLY[@]}"
`;

async function completer(world: World): Promise<(...words: readonly string[]) => Promise<readonly string[]>> {
  const { code, stdout: script, stderr } = await world.run('completion', 'bash');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return async (...words) => {
    const argv = ['--norc', '-c', DRIVER, 'bash', 'isonet', ...words];
    const options = { cwd: world.cwd, env: { ...process.env, SCRIPT: script } };
    const { stdout } = await promisify(execFile)('bash', argv, options);
    return stdout.split('\n').filter((line) => line !== '');
  };
}

describe.skipIf(process.platform === 'win32')('in bash', () => {
  it('completes commands and options', async () => {
    const complete = await completer(await makeWorld());
    expect(await complete('')).toEqual(
      expect.arrayContaining(['start', 'train', 'runs', 'completion', 'help']),
    );
    expect(await complete('tr')).toEqual(['train']);
    expect(await complete('--ver')).toEqual(['--version']);
    expect(await complete('train', 'tiny', '--re')).toEqual(['--recipe', '--resize', '--resume']);
    expect(await complete('runs', '--')).toEqual(['--json', '--help']);
    expect(await complete('help', 'ev')).toEqual(['evaluate']);
  });

  it('completes networks, recipes, backends and shells', async () => {
    const complete = await completer(await makeWorld());
    expect(await complete('train', 't')).toEqual(['tiny']);
    expect(await complete('summary', '--json', 't')).toEqual(['tiny']);
    expect(await complete('train', 'tiny', '--recipe', '')).toEqual(Object.keys(recipes));
    expect(await complete('train', 'tiny', '--backend', '')).toEqual(['auto', 'reference']);
    expect(await complete('conformance', '--backend', '')).toEqual(['all', 'reference']);
    expect(await complete('bench', 'tiny', '--backend', '')).toEqual(['auto', 'all', 'reference']);
    expect(await complete('bench', 'tiny', '--work', '')).toEqual(['forward', 'step']);
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('distinguishes the values of options from arguments, also after =', async () => {
    const complete = await completer(await makeWorld());
    // The value of an option is not an argument.
    expect(await complete('train', '--seed', '1', '--recipe', 'best', 't')).toEqual(['tiny']);
    // readline splits at =.
    expect(await complete('train', '--recipe', '=', 'f')).toEqual(['fast', 'finetune']);
    expect(await complete('train', '--recipe', '=')).toEqual(Object.keys(recipes));
    expect(await complete('train', '--seed', '')).toEqual([]);
    expect(await complete('train', 'tiny', '--json', '--backe')).toEqual(['--backend']);
  });

  it('completes runs as folders, and images and other files as files', async () => {
    const world = await makeWorld();
    await mkdir(join(world.cwd, 'runs/first run'), { recursive: true });
    await writeFile(join(world.cwd, 'rose.png'), '');
    const complete = await completer(world);
    // The argument is a run or an ONNX file.
    expect(await complete('evaluate', 'r')).toEqual(['rose.png', 'runs']);
    expect(await complete('finetune', 'r')).toEqual(['rose.png', 'runs']);
    for (const words of [['runs'], ['train', '--resume'], ['train', 'tiny', '--out']]) {
      expect(await complete(...words, 'r')).toEqual(['runs']);
    }
    expect(await complete('evaluate', 'runs/')).toEqual(['runs/first run']);
    expect(await complete('predict', 'runs/first run', 'ro')).toEqual(['rose.png']);
    expect(await complete('predict', 'runs/first run', 'rose.png', 'ro')).toEqual(['rose.png']);
    expect(await complete('export', 'runs/first run', '--to', 'ro')).toEqual(['rose.png']);
    expect(await complete('train', './ro')).toEqual(['./rose.png']);
    expect(await complete('bench', 'tiny', '--out', 'ro')).toEqual(['rose.png']);
  });

  it('executes nothing that the user typed', async () => {
    const world = await makeWorld();
    const complete = await completer(world);
    const typed = ['train', '$(touch pwned)', '`touch pwned`', '--data', '$(touch pwned)/'];
    expect(await complete(...typed)).toEqual([]);
    expect(await complete('data', 'pw')).toEqual([]);
    expect(await readdir(world.cwd)).toEqual(['data']);
  });
});

it.each([
  [
    'zsh',
    [
      /^#compdef isonet$/m,
      /'--recipe=\[.*\]:value:\(book fast best finetune\)'/,
      /^ {2}compdef _isonet isonet$/m,
      /'\*--freeze=\[/,
    ],
  ],
  ['fish', [/^complete -c isonet .*-a train -d /m, /-l recipe -d '.*' -x -a 'book fast best finetune'$/m]],
] as const)('the script for %s has every command and option', async (shell, patterns) => {
  const world = await makeWorld();
  const { code, stdout } = await world.run('completion', shell);
  expect(code).toBe(0);
  for (const pattern of patterns) expect(stdout).toMatch(pattern);
  const help = await world.run('train', '--help');
  const flags = [...help.stdout.matchAll(/^ +--([a-z0-9-]+)/gm)].map(([, flag = '']) => flag);
  expect(flags.length).toBeGreaterThan(20);
  for (const flag of flags) expect(stdout).toMatch(new RegExp(`(--|-l )${flag}\\b`));
});

it('rejects an unknown shell', async () => {
  const world = await makeWorld();
  expect(await world.run('completion', 'bahs')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: unknown shell "bahs", did you mean bash? (available: bash, zsh, fish)\n',
  });
});

// Tests that one Ctrl-C saves in a real terminal, directly and behind npm, whose shells forward signals in different ways.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { makeWorld } from './helpers.ts';
import { endless, hasCommand, inTerminal, makeProject, nodeArgs, runRecord, start } from './processes.ts';

const CTRL_C = '\u0003';
const SAVED =
  /the run in run stopped after [\d,]+ of 300,000 steps; to resume it: npx isonet train --resume run/;
const slow = { timeout: 30_000, interval: 20 };

/** Returns the last complete line of the bar. Wrapping is off before the line and on again after it. */
function lastBar(text: string): string {
  const bars = text.split('\u001b[?7l').slice(1);
  const whole = bars.map((bar) => bar.split('\u001b[?7h')).filter(({ length }) => length > 1);
  return whole.at(-1)?.[0] ?? '';
}

describe.skipIf(process.platform === 'win32')('in a terminal', () => {
  const ways: readonly (readonly [
    name: string,
    shell: string,
    command: readonly [string, ...string[]] | undefined,
  ])[] = [
    ['node', 'sh', undefined],
    ['npm run, its script shell dash', 'dash', ['npm', 'run', '--silent', 'train']],
    ['npm run, its script shell bash', 'bash', ['npm', 'run', '--silent', 'train']],
    ['npx, its script shell dash', 'dash', ['npx', 'isonet']],
    ['npx, its script shell bash', 'bash', ['npx', 'isonet']],
  ];
  it.for(ways)('one Ctrl-C saves: %s', async ([, shell, command], { skip }) => {
    if (!hasCommand(shell)) skip(`${shell} is not installed`);
    const world = await makeWorld();
    await makeProject(world);
    const direct = [process.execPath, ...nodeArgs, ...endless(world)] as const;
    const typed = command?.[0] === 'npx' ? ([...command, ...endless(world)] as const) : (command ?? direct);
    const terminal = inTerminal(world.cwd, typed, { npm_config_script_shell: shell });
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2/100000 '), slow);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.text.split('stopping after the current step').length).toBe(2);
    expect(terminal.text).toMatch(SAVED);
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('exits at once if the user keeps pressing Ctrl-C', async () => {
    const deaf = [...nodeArgs.slice(0, -1), fileURLToPath(new URL('deaf.ts', import.meta.url))];
    const terminal = inTerminal('.', [process.execPath, ...deaf]);
    await vi.waitFor(() => expect(terminal.text).toContain('ready'), slow);
    const presses = setInterval(() => terminal.type(CTRL_C), 50);
    expect(await terminal.ended).toBe(130);
    clearInterval(presses);
    expect(terminal.text.split('heard SIGINT').length).toBe(2);
    // One press every 50 ms; those during the first second do not count.
    expect(terminal.text.split('^C').length).toBeGreaterThan(5);
  });

  it('saves if the window is closed', async () => {
    const world = await makeWorld();
    const terminal = inTerminal(world.cwd, [process.execPath, ...nodeArgs, ...endless(world)]);
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2/100000 '), slow);
    terminal.close();
    await vi.waitFor(async () => expect(await runRecord(world)).toMatchObject({ status: 'stopped' }), slow);
  });

  it('saves if the terminal disappears without a signal, and Node does not abort', async () => {
    const world = await makeWorld();
    await makeProject(world);
    // Only the shell receives the signal of the terminal, not its child process.
    const script = 'trap : HUP; node_modules/.bin/isonet "$@"; echo $? > code';
    const terminal = inTerminal(world.cwd, ['sh', '-c', script, 'sh', ...endless(world)]);
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2/100000 '), slow);
    terminal.close();
    const code = (): Promise<string> => readFile(join(world.cwd, 'code'), 'utf8');
    await vi.waitFor(async () => expect(await code()).toMatch(/^\d+\n$/), slow);
    expect(await code()).toBe('1\n');
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('fits the bar to the current width of the window', async () => {
    const world = await makeWorld();
    const terminal = inTerminal(world.cwd, [process.execPath, ...nodeArgs, ...endless(world)]);
    const width = (): number => lastBar(terminal.text).length;
    await vi.waitFor(() => expect(width()).toBeGreaterThan(60), slow);
    terminal.resize(40);
    await vi.waitFor(() => expect(width()).toBe(39), slow);
    terminal.resize(100);
    await vi.waitFor(() => expect(width()).toBeGreaterThan(60), slow);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
  });

  it('draws no bar on a dumb terminal', async () => {
    const world = await makeWorld();
    const terminal = inTerminal(world.cwd, [process.execPath, ...nodeArgs, ...endless(world)], {
      TERM: 'dumb',
    });
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2, loss'), slow);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.text).not.toMatch(/[\u2588\u2591]/);
    expect(terminal.text).not.toContain('\u001b');
  });
});

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s saves, and ends the process with %i; with --json, too', async (signal, exitCode) => {
    const world = await makeWorld();
    const training = start(world.cwd, [...endless(world), '--json']);
    training.onOutput((text) => {
      if (text.includes('"epoch":2,')) process.kill(training.pid, signal);
    });
    const { code, stdout, stderr } = await training.ended;
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(/^stopping after the current step [^\n]*\n$/);
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ event: 'end', status: 'stopped' });
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('saves if it arrives twice within a millisecond, as npm sends it', async () => {
    const world = await makeWorld();
    const training = start(world.cwd, endless(world));
    let isSent = false;
    training.onOutput((text) => {
      if (isSent || !text.includes('epoch 2, ')) return;
      isSent = true;
      process.kill(-training.pid, 'SIGINT');
      const began = performance.now();
      while (performance.now() - began < 0.6);
      process.kill(training.pid, 'SIGINT');
    });
    const { code, stdout } = await training.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(SAVED);
  });

  it('leaves no partial files if it arrives before the first step', async () => {
    const world = await makeWorld();
    const training = start(world.cwd, endless(world));
    let isSent = false;
    training.onOutput(() => {
      if (!isSent) process.kill(training.pid, 'SIGINT');
      isSent = true;
    });
    expect((await training.ended).code).toBe(130);
    // If it arrived before the run was created, there is no run.json.
    const file = join(world.cwd, 'run', 'run.json');
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return '{ "status": "stopped" }';
      throw error;
    });
    expect(JSON.parse(text)).toMatchObject({ status: 'stopped' });
  });
});

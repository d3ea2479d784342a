// One Ctrl-C saves: in a real terminal, alone and behind npm, whose shells hand signals on in ways of their own.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { makeWorld } from './helpers.ts';
import { endless, hasCommand, inTerminal, makeProject, nodeArgs, runRecord, start } from './processes.ts';

const CTRL_C = '\u0003';
const SAVED =
  /run holds the run, stopped after [\d,]+ of 300,000 steps; to resume it: npx isonet train --resume run/;
const slow = { timeout: 30_000, interval: 20 };

/** The line of the last bar that has arrived whole: it is drawn with wrapping off, which is on again after it. */
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
    if (!hasCommand(shell)) skip(`no ${shell} here`);
    const world = await makeWorld();
    await makeProject(world);
    const direct = [process.execPath, ...nodeArgs, ...endless(world)] as const;
    const typed = command?.[0] === 'npx' ? ([...command, ...endless(world)] as const) : (command ?? direct);
    const terminal = inTerminal(world.cwd, typed, { npm_config_script_shell: shell });
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2/100000 '), slow);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.text.split('stopping after the step in hand').length).toBe(2);
    expect(terminal.text).toMatch(SAVED);
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('Ctrl-C leaves at once where somebody goes on pressing it', async () => {
    const deaf = [...nodeArgs.slice(0, -1), fileURLToPath(new URL('deaf.ts', import.meta.url))];
    const terminal = inTerminal('.', [process.execPath, ...deaf]);
    await vi.waitFor(() => expect(terminal.text).toContain('ready'), slow);
    const presses = setInterval(() => terminal.type(CTRL_C), 50);
    expect(await terminal.ended).toBe(130);
    clearInterval(presses);
    expect(terminal.text.split('heard SIGINT').length).toBe(2);
    // A press every 50 ms, of which those of the first second do not count.
    expect(terminal.text.split('^C').length).toBeGreaterThan(5);
  });

  it('a window that is closed saves', async () => {
    const world = await makeWorld();
    const terminal = inTerminal(world.cwd, [process.execPath, ...nodeArgs, ...endless(world)]);
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2/100000 '), slow);
    terminal.close();
    await vi.waitFor(async () => expect(await runRecord(world)).toMatchObject({ status: 'stopped' }), slow);
  });

  it('a terminal that is gone without a signal saves, and Node does not abort', async () => {
    const world = await makeWorld();
    await makeProject(world);
    // The shell has the terminal's signal, and what it started does not.
    const script = 'trap : HUP; node_modules/.bin/isonet "$@"; echo $? > code';
    const terminal = inTerminal(world.cwd, ['sh', '-c', script, 'sh', ...endless(world)]);
    await vi.waitFor(() => expect(terminal.text).toContain('epoch 2/100000 '), slow);
    terminal.close();
    const code = (): Promise<string> => readFile(join(world.cwd, 'code'), 'utf8');
    await vi.waitFor(async () => expect(await code()).toMatch(/^\d+\n$/), slow);
    expect(await code()).toBe('1\n');
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('draws a bar as wide as the window is now', async () => {
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

  it('draws no bar on a dumb one', async () => {
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
    expect(stderr).toMatch(/^stopping after the step in hand, [^\n]*\n$/);
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ event: 'end', status: 'stopped' });
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('that comes twice within a millisecond, as npm relays it, saves', async () => {
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

  it('before the first step leaves nothing torn', async () => {
    const world = await makeWorld();
    const training = start(world.cwd, endless(world));
    let isSent = false;
    training.onOutput(() => {
      if (!isSent) process.kill(training.pid, 'SIGINT');
      isSent = true;
    });
    expect((await training.ended).code).toBe(130);
    // Where it came before the run was made, there is none.
    const file = join(world.cwd, 'run', 'run.json');
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return '{ "status": "stopped" }';
      throw error;
    });
    expect(JSON.parse(text)).toMatchObject({ status: 'stopped' });
  });
});

// Tests isonet conformance on short lists of checks: the checks it runs, its output and its exit code.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '@isonet/conformance';
import type { Device } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { cpu, software } from '../../runs/test/devices.ts';
import { jsonLines, keyboard, makeWorld } from './helpers.ts';
import { fake, faulty, heavy, run, some } from './smallSuite.ts';

describe('isonet conformance', () => {
  it('prints the checks per device, the results per op, and the scores', async () => {
    const world = await makeWorld();
    const backends = [
      fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu]),
      fake('webgpu', [software]),
      fake('cuda', []),
    ];
    const { code, stdout, stderr } = await run(world, { backends, checks: [...some, heavy] });
    expect(stdout).toMatchInlineSnapshot(`
      "backend: tfjs, wasm (a processor): 6 checks
      backend: webgpu, software (a driver): 5 of 6 checks, the heavy ones skipped: a software driver takes minutes for each
      left out: tfjs, cpu (a processor): tfjs has a faster device here; --backend tfjs --device cpu runs it
      unavailable: cuda: it is not installed; npm install cuda
      tfjs (wasm): 6 checks in 0:00, 6 passed
      webgpu (software): 6 checks in 0:00, 5 passed, 1 skipped

      Each cell: passed/all natively, passed/all decomposed, worst error in units of its bound;
      ! marks unexpected results, - means no checks.

      op        tfjs (wasm)   webgpu (software)
      conv2d    1/1 -   0     1/1 -   0
      exp       1/1 -   0     1/1 -   0
      relu      1/1 1/1 0     1/1 1/1 0
      contract  1/1 -   0     1/1 -   0
      golden    1/1 -   0.50  0/1 -   -

      Excused:
        webgpu (software) golden/huge, skipped: a software driver takes minutes for each

      device             conformance  passed  skipped  native coverage
      tfjs (wasm)            100.0 %       6        0           0 of 1
      webgpu (software)      100.0 %       5        1           0 of 1

      Conformance: the share of applicable checks that passed.
      Native coverage: composite ops with a native kernel; the others run decomposed into primitives.

      no failures; to check a whole network: npx isonet bisect nin --backend tfjs
      "
    `);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('fits the width of the terminal', async () => {
    const world = await makeWorld();
    const backends = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map((name) =>
      fake(name, [cpu]),
    );
    const { stdout } = await run(world, { backends });
    const matrix = stdout.split('\n').filter((line) => /^(op|conv2d|exp|relu|contract) /.test(line));
    expect(matrix.filter((line) => line.startsWith('relu '))).toHaveLength(2);
    expect(Math.max(...matrix.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('lists the unexpected results, suggests the next command, and fails', async () => {
    const world = await makeWorld();
    const { code, stdout } = await run(world, { backends: [fake('mine', [cpu], faulty)] });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^conv2d +0\/1! - +\de\+4$/m);
    expect(stdout).toMatch(
      /^Unexpected:\n {2}mine \(cpu\) conv2d\/reals-3x3: forward: y0 at \[0, 0, 0, 0\] is .* \(and 1 more\)$/m,
    );
    expect(stdout).toContain('to run only that: npx isonet conformance --backend mine --filter conv2d\n');
  });

  it('counts the results that it does not list', async () => {
    const world = await makeWorld();
    const failing = Array.from({ length: 23 }, (_, i): Check => {
      const key = `any/${i}`;
      const failures = ['\u001b[31mred\nand two lines'];
      const verdict = { key, passed: false, worst: Infinity, failures };
      return { key, group: 'any', form: 'native', tier: 'contract', run: () => Promise.resolve(verdict) };
    });
    const { stdout } = await run(world, { backends: [fake('mine', [cpu])], checks: failing });
    expect(stdout).toContain(
      '  mine (cpu) any/19: \\x1b[31mred and two lines\n  and 3 more: --html or --json lists them all\n',
    );
  });

  it('expects the listed failures, and reports unexpected passes', async () => {
    const world = await makeWorld();
    const xfail = { cpu: { 'conv2d/reals-3x3': 'drops a tap, issue 7' } };
    const known = { ...fake('mine', [cpu], faulty), xfail };
    const expected = await run(world, { backends: [known] });
    expect(expected.code).toBe(0);
    expect(expected.stdout).toContain('mine (cpu) conv2d/reals-3x3, xfail: drops a tap, issue 7');

    const fixed = await run(world, { backends: [{ ...fake('mine', [cpu]), xfail }] });
    expect(fixed.code).toBe(1);
    expect(fixed.stdout).toContain(
      'mine (cpu) conv2d/reals-3x3: it passes: remove it from xfail (drops a tap, issue 7)',
    );
    // The list may name checks that the filter excludes.
    expect((await run(world, { backends: [known] }, '--filter', 'exp')).code).toBe(0);
  });

  it('runs the checks of a single op', async () => {
    const world = await makeWorld();
    const { code, stdout } = await run(world, {}, '--filter', 'relu');
    expect(code).toBe(0);
    expect(stdout).toContain('backend: reference, cpu (float64 loops in JavaScript): 2 checks\n');
    expect(stdout).not.toContain('conv2d');
  });

  it('reports a device that does not open, and runs the others', async () => {
    const world = await makeWorld();
    const broken = (): Device => {
      throw new Error('it is in use');
    };
    const backends = [fake('first', [cpu], broken), fake('second', [cpu])];
    const { code, stdout } = await run(world, { backends });
    expect(code).toBe(1);
    expect(stdout).toContain('first (cpu) did not run: it is in use');
    expect(stdout).toContain('second (cpu): 5 checks');
  });

  it('stops after the current check, and prints the results so far', async () => {
    const world = await makeWorld();
    const [first, ...rest] = some;
    if (!first) throw new Error('no checks');
    const interrupting: Check = {
      ...first,
      run: (device) => {
        keyboard.interrupt();
        return first.run(device);
      },
    };
    const backends = [fake('first', [cpu]), fake('second', [cpu])];
    const { code, stdout, stderr } = await run(world, { backends, checks: [interrupting, ...rest] });
    expect(code).toBe(130);
    expect(stderr).toBe('stopping after the current check; interrupt again to exit at once\n');
    expect(stdout).toContain('first (cpu): 1 check in 0:00, 1 passed, stopped early');
    expect(stdout).not.toContain('second (cpu):');
    expect(stdout).toMatch(/^stopped early; to run one op only: --filter conv2d$/m);
  });

  it('suggests a smaller run after it was stopped', async () => {
    const world = await makeWorld();
    const checks = some.map((check): Check => {
      const stop: Check['run'] = (device) => {
        keyboard.interrupt();
        return check.run(device);
      };
      return { ...check, run: stop };
    });
    const last = async (filter: string): Promise<string | undefined> =>
      (await run(world, { checks }, '--filter', filter)).stdout.trimEnd().split('\n').at(-1);
    const [first] = some.filter(({ group }) => group === 'relu');
    expect(await last('relu')).toBe(`stopped early; to run one check only: --filter ${first?.key}`);
    expect(await last(String(first?.key))).toBe('stopped early');
  });

  it('stops when its output is closed, with another exit code', async () => {
    const world = await makeWorld();
    const [first, ...rest] = some;
    if (!first) throw new Error('no checks');
    const closing: Check = {
      ...first,
      run: (device) => {
        keyboard.closeOutput();
        return first.run(device);
      },
    };
    const { code, stdout } = await run(world, { checks: [closing, ...rest] });
    expect(code).toBe(141);
    expect(stdout).toContain('reference (cpu): 1 check in 0:00, 1 passed, stopped early');
  });

  it('draws a bar on a terminal, and clears it', async () => {
    const world = await makeWorld();
    const { code, stderr, stdout } = await run(world, { isTTY: true });
    expect(code).toBe(0);
    expect(stderr).toContain('reference (cpu) ');
    expect(stdout).toContain('reference (cpu): 5 checks');
  });
});

describe('--json', () => {
  it('prints the selected devices first, then a report per device, and nothing else', async () => {
    const world = await makeWorld();
    const backends = [
      fake('mine', [cpu], faulty),
      fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu]),
      fake('cuda', []),
    ];
    const { code, stdout, stderr } = await run(world, { backends }, '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(jsonLines(stdout)).toMatchObject([
      {
        event: 'start',
        subjects: [
          { name: 'mine (cpu)', backend: 'mine', device: 'cpu', deviceText: cpu.text, checks: 5 },
          { name: 'tfjs (wasm)', backend: 'tfjs', device: 'wasm' },
        ],
        leftOut: [{ backend: 'tfjs', info: cpu }],
        missing: [{ backend: 'cuda', code: 'NONE', reason: 'it is not installed', fix: 'npm install cuda' }],
      },
      { event: 'report', name: 'mine (cpu)', wrong: [{ key: 'conv2d/reals-3x3' }] },
      { event: 'report', name: 'tfjs (wasm)', wrong: [] },
      { event: 'end', asExpected: false, interrupted: false, unopened: [] },
    ]);
  });
});

describe('--html', () => {
  it('writes a page, and does not replace an existing file', async () => {
    const world = await makeWorld();
    const path = join(world.cwd, 'page.html');
    const options = { backends: [fake('mine', [cpu], faulty), fake('cuda', [])] };
    const first = await run(world, options, '--html', 'page.html');
    expect(first.code).toBe(1);
    expect(first.stdout).toContain('wrote the full report to page.html');
    const page = await readFile(path, 'utf8');
    expect(page).toContain('<th scope="row">conv2d</th><td class="bad">0/1');
    expect(page).toContain('<code>conv2d/reals-3x3</code> failed: forward: y0 at [0, 0, 0, 0]');
    expect(page).toContain('unavailable: cuda: it is not installed; npm install cuda');

    for (const force of [[], ['--force']]) {
      const nowhere = await run(world, options, '--html', 'nowhere/page.html', ...force);
      expect(nowhere).toEqual({
        code: 1,
        stdout: '',
        stderr: 'error: nowhere/page.html: the folder nowhere does not exist: create it first\n',
      });
    }

    const second = await run(world, options, '--html', 'page.html');
    expect(second).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'error: "page.html" already exists: choose another file, or pass --force\n',
    });
    expect(await readFile(path, 'utf8')).toBe(page);
    expect((await run(world, {}, '--html', 'page.html', '--force')).code).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('reference (cpu)');
  });
});

// Tests isonet conformance --compatibility: the table, its JSON, and its errors.
import type { Backend } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { cpu, fake } from '../../runs/test/devices.ts';
import { keyboard, makeWorld } from './helpers.ts';

const command = ['conformance', '--compatibility'];

function interruptedWhenOpened(backend: Backend): Backend {
  return {
    name: backend.name,
    contract: 2,
    probe: () => backend.probe(),
    open: (options) => {
      keyboard.interrupt();
      return backend.open(options);
    },
  };
}

describe('isonet conformance --compatibility', () => {
  it('prints a row for each op and a column for each device', async () => {
    const world = await makeWorld();
    const tables = { backends: [fake('mine', cpu), fake('tfjs', cpu, { ...cpu, id: 'wasm' }), fake('cuda')] };
    const { code, stdout, stderr } = await world.runWith({ tables }, ...command, '--filter', 'ex');
    expect({ code, stdout, stderr }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "",
        "stdout": "op   kind       mine (cpu)  tfjs (wasm)
      exp  primitive  native      native

      native: has a kernel; decomposed: runs as primitives; partly: native or decomposed, by case; refused: does not run
      left out: tfjs, cpu (a processor): tfjs has a faster device here; --backend tfjs --device cpu runs it
      unavailable: cuda: it is not installed; npm install cuda
      ",
      }
    `);
  });

  it('prints only JSON with --json', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.run(...command, '--filter', 'relu', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      devices: [{ name: 'reference (cpu)', ops: [{ op: 'relu', support: 'decomposed', notes: [] }] }],
      unopened: [],
      leftOut: [],
      missing: [],
      interrupted: false,
    });
  });

  it('continues after a device that does not open, and fails', async () => {
    const world = await makeWorld();
    const tables = { backends: [fake('broken', { ...cpu, text: 'broken' }), fake('mine', cpu)] };
    const { code, stdout } = await world.runWith({ tables }, ...command, '--filter', 'exp');
    expect(code).toBe(1);
    expect(stdout).toContain('broken (cpu) failed: it is in use\n');
    expect(stdout).toMatch(/^exp +primitive +native$/m);
  });

  it('stops after the current device', async () => {
    const world = await makeWorld();
    const first = fake('first', cpu);
    const interrupting = { ...first, load: async () => interruptedWhenOpened(await first.load()) };
    const tables = { backends: [interrupting, fake('second', cpu)] };
    const { code, stdout, stderr } = await world.runWith({ tables }, ...command, '--filter', 'exp', '--json');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ devices: [{ name: 'first (cpu)' }], interrupted: true });
    expect(stderr).toBe('stopping after the current device; interrupt again to exit at once\n');
  });

  it('rejects an unknown op, and options that conflict', async () => {
    const world = await makeWorld();
    const unknown = await world.run(...command, '--filter', 'conv4d');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^error: unknown op "conv4d", did you mean conv2d\? \(available: /);
    const both = await world.run(...command, '--html', 'page.html');
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("option '--compatibility' cannot be used with option '--html <file>'");
  });
});

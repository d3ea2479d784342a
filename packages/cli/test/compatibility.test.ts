// isonet conformance --compatibility: the table, its JSON, and what keeps it from being made.
import { describe, expect, it } from 'vitest';
import { cpu, fake } from '../../runs/test/devices.ts';
import { makeWorld } from './helpers.ts';

const ask = ['conformance', '--compatibility'];

describe('isonet conformance --compatibility', () => {
  it('prints a row for each op and a column for each device', async () => {
    const world = await makeWorld();
    const tables = { backends: [fake('mine', cpu), fake('other', cpu), fake('cuda')] };
    const { code, stdout, stderr } = await world.runWith({ tables }, ...ask, '--filter', 'ex');
    expect({ code, stdout, stderr }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "",
        "stdout": "op   kind       mine (cpu)  other (cpu)
      exp  primitive  native      native

      native: a kernel of its own; decomposed: run as primitives; partly: both, by case; refused: not run
      not here: cuda: it is not installed; npm install cuda
      ",
      }
    `);
  });

  it('prints JSON, and nothing else', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.run(...ask, '--filter', 'relu', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      devices: [{ name: 'reference (cpu)', ops: [{ op: 'relu', support: 'decomposed', notes: [] }] }],
      unopened: [],
      missing: [],
      interrupted: false,
    });
  });

  it('goes on where a device does not open, and fails', async () => {
    const world = await makeWorld();
    const tables = { backends: [fake('broken', { ...cpu, text: 'broken' }), fake('mine', cpu)] };
    const { code, stdout } = await world.runWith({ tables }, ...ask, '--filter', 'exp');
    expect(code).toBe(1);
    expect(stdout).toContain('broken (cpu) failed: it is in use\n');
    expect(stdout).toMatch(/^exp +primitive +native$/m);
  });

  it('refuses an op that does not exist, and what it does not go with', async () => {
    const world = await makeWorld();
    const unknown = await world.run(...ask, '--filter', 'conv4d');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toBe('error: no op "conv4d" (one such as conv2d, or its start)\n');
    const both = await world.run(...ask, '--html', 'page.html');
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("option '--compatibility' cannot be used with option '--html <file>'");
  });
});

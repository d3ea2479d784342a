// isonet conformance --power: the planted faults, counted.
import { expect, it } from 'vitest';
import { makeWorld } from './helpers.ts';

it('counts the faults planted in the cases of an op, and those that they notice', async () => {
  const world = await makeWorld();
  const { code, stdout } = await world.run('conformance', '--power', '--filter', 'relu');
  expect(code).toBe(0);
  const [, cases = 0, planted = 0, caught = 0] = (/^relu +(\d+) +(\d+) +(\d+) /m.exec(stdout) ?? []).map(
    Number,
  );
  expect(planted).toBeGreaterThan(cases);
  expect(caught).toBe(planted);
  expect(stdout).toContain(`${planted} faults planted in ${cases} cases, ${caught} caught\n`);
});

it('as JSON has the weakest of them', async () => {
  const world = await makeWorld();
  const { stdout } = await world.run('conformance', '--power', '--filter', 'tanh', '--json');
  const { asExpected, ops } = JSON.parse(stdout) as {
    readonly asExpected: boolean;
    readonly ops: readonly {
      readonly op: string;
      readonly least: { readonly ratio: number; readonly key: string };
    }[];
  };
  expect(asExpected).toBe(true);
  expect(ops.map(({ op }) => op)).toEqual(['tanh']);
  expect(ops[0]?.least.ratio).toBeGreaterThan(10);
  expect(ops[0]?.least.key).toMatch(/^tanh\//);
});

it('refuses what no op is called, and backends, of which none is asked', async () => {
  const world = await makeWorld();
  const typo = await world.run('conformance', '--power', '--filter', 'rela');
  expect(typo.code).toBe(2);
  expect(typo.stderr).toContain('unknown op "rela", did you mean relu?');
  const both = await world.run('conformance', '--power', '--backend', 'onnx');
  expect(both.code).toBe(2);
  expect(both.stderr).toContain("option '--power' cannot be used with option '--backend <name>'");
});

// Writes the smallest part that reproduces an error as two files: the data, and a short script that needs only core and the backend.
import { valueName } from '@isonet/conformance/judging';
import type { OpenOptions, Tensor, Tensors } from '@isonet/core';
import { defined, toJson } from '@isonet/core';
import type { Trial } from './trial.ts';

/** The device that the script opens. */
export interface ScriptedDevice {
  /** A package, or the URL of a file. */
  readonly module: string;
  /** The name under which the module exports the backend. */
  readonly exported: string;
  /** The options with which the device was opened: its id, and settings that affect the bits. */
  readonly options: OpenOptions;
}

/** A tensor as JSON, with NaN and infinities as strings. */
interface TensorJson {
  readonly dtype: Tensor['dtype'];
  readonly shape: Tensor['shape'];
  readonly data: readonly (number | string)[];
}

/**
 * Returns the two files. `case.json` contains a graph, its state and feeds, the expected outputs, and the error
 * allowed for each element (`bounds`) and for the whole tensor in the L2 norm (`allowed`). `reproduce.mjs` runs the
 * graph and compares the outputs.
 * @param title one line: the op, the network and the backend
 */
export function reproduction(
  { graph, state, feeds, expectation, judgements }: Trial,
  title: string,
  from: ScriptedDevice,
): Readonly<Record<'case.json' | 'reproduce.mjs', string>> {
  const { json, constants } = toJson(graph);
  const { outputs, bounds } = expectation;
  const expected = judgements.map(({ value, allowed }) => {
    const output = defined(outputs.get(value), `the expected %${value}`);
    const each = bounds && defined(bounds.get(value), `the bounds of %${value}`);
    const rounded = each && { bounds: Array.from(each, (bound) => Number(bound.toPrecision(4))) };
    return [valueName(value), { ...tensorJson(output), ...rounded, allowed }] as const;
  });
  const data = {
    title,
    graph: json,
    constants: tensorsJson(constants),
    state: tensorsJson(state),
    feeds: tensorsJson(feeds),
    expected: Object.fromEntries(expected),
  };
  return { 'case.json': `${JSON.stringify(data)}\n`, 'reproduce.mjs': script(title, from) };
}

function tensorsJson(tensors: Tensors): Readonly<Record<string, TensorJson>> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensorJson(tensor)]));
}

function tensorJson({ dtype, shape, data }: Tensor): TensorJson {
  // Nine digits distinguish all float32 values.
  const digits = dtype === 'float32' ? 9 : 17;
  const text = (x: number): number | string =>
    Number.isFinite(x) ? Number(x.toPrecision(digits)) : String(x);
  return { dtype, shape, data: Array.from<number, number | string>(data, text) };
}

function script(title: string, { module, exported, options }: ScriptedDevice): string {
  return `// ${title}
// Runs case.json and compares the outputs with the expected ones. Run it with node, where @isonet/core and the backend are installed.
import { readFileSync } from 'node:fs';
import { fromJson } from '@isonet/core';
import { ${exported} as backend } from ${JSON.stringify(module)};

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, bool: Uint8Array };
const revive = (_, v) => (v?.data && v.dtype ? { ...v, data: arrays[v.dtype].from(v.data, Number) } : v);
const text = readFileSync(new URL('case.json', import.meta.url), 'utf8');
const { graph, constants, state, feeds, expected } = JSON.parse(text, revive);

const device = await backend.open(${JSON.stringify(options)});
const program = await device.compile(fromJson(graph, constants));
const outputs = await program.run(await device.createState(state), feeds).read();
for (const [name, { data, bounds, allowed }] of Object.entries(expected)) {
  const got = outputs[name].data;
  const off = Array.from(data, (x, i) => (got[i] === x ? 0 : Math.abs(got[i] - x) / (bounds?.[i] ?? allowed) || Infinity));
  const worst = off.reduce((most, ratio, i) => (ratio > off[most] ? i : most), 0);
  const together = Math.sqrt(data.reduce((sum, x, i) => sum + (got[i] - x) ** 2, 0));
  console.log(\`\${name}[\${worst}]: got \${got[worst]}, expected \${data[worst]} ± \${bounds?.[worst] ?? allowed}\`);
  console.log(\`\${off.filter((ratio) => ratio > 1).length} of \${off.length} are off; in the L2 norm by \${together}, allowed \${allowed}\`);
}
await device[Symbol.asyncDispose]();
`;
}

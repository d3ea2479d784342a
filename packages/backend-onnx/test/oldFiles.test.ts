// Tests that the .onnx files that older versions wrote for small.ts still compute the same results.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { numbers, small } from '../../onnx/test/small.ts';

const fixtures = new URL('../../onnx/test/fixtures/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, fixtures));

/** Returns the recorded outputs of ONNX Runtime 1.30.0 for each file of a version. */
function recordedBy(version: string): Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> {
  return JSON.parse(read(`${version}/outputs.json`).toString('utf8')) as ReturnType<typeof recordedBy>;
}

/** Computes the outputs for {@link numbers}, with 2 for a symbolic batch size. */
async function outputsOf(bytes: Uint8Array): Promise<Readonly<Record<string, readonly number[]>>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const feeds = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`${input.name}: expected a tensor`);
    const shape = input.shape.map((dim) => (typeof dim === 'number' ? dim : 2));
    const { data } = numbers(input.name, shape);
    // The bool input is the flag that training has halted.
    if (input.type === 'bool') return [input.name, new ort.Tensor('bool', [false], shape)] as const;
    if (input.type === 'float32') return [input.name, new ort.Tensor('float32', data, shape)] as const;
    return [
      input.name,
      new ort.Tensor(
        'int32',
        Int32Array.from(data, (u) => u * small.output.shape[0]),
        shape,
      ),
    ] as const;
  });
  const results = await session.run(Object.fromEntries<ort.Tensor>(feeds));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array | Uint8Array)]),
  );
}

test.each([
  ['0.1.0', 'inference.onnx'],
  ['0.1.0', 'step.onnx'],
  ['0.3.0', 'step.onnx'],
  ['0.4.0', 'step.onnx'],
])('version %s: %s still computes the recorded outputs', async (version, name) => {
  const [got, expected] = [await outputsOf(read(`${version}/${name}`)), recordedBy(version)[name]];
  expect(Object.keys(got)).toEqual(Object.keys(expected ?? {}));
  for (const [output, values] of Object.entries(expected ?? {})) {
    const apart = values.map((value, i) => Math.abs((got[output]?.[i] ?? NaN) - value));
    expect(Math.max(...apart), output).toBeLessThan(1e-5);
  }
});

// Reads, re-exports and differentiates small networks written by PyTorch, Keras and MXNet (see
// examples/import/fixtures). The fixtures include the outputs of the original framework.
import { readdirSync, readFileSync } from 'node:fs';
import { reference } from '@isonet/backend-reference';
import type { Model, Tensor, Tensors } from '@isonet/core';
import { defined, float32, forward, gradients, int32, softmax } from '@isonet/core';
import type { OnnxNetwork } from '@isonet/onnx';
import { exportOnnx, readOnnx } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';

const folder = new URL('../fixtures/import/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -'.onnx'.length));

interface Stored {
  readonly shape: readonly number[];
  /** Little-endian values in base64. */
  readonly float32: string;
}

function storedOf(name: string, what: 'inputs' | 'outputs'): Tensor {
  const text = readFileSync(new URL(`${name}.json`, folder), 'utf8');
  const described = JSON.parse(text) as Record<'inputs' | 'outputs', Record<string, Stored>>;
  const { shape, float32: base64 } = defined(Object.values(described[what])[0], `the ${what} of ${name}`);
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  return float32(shape, new Float32Array(bytes.buffer));
}

function read(name: string): OnnxNetwork {
  return readOnnx(readFileSync(new URL(`${name}.onnx`, folder)));
}

async function run(model: Model, weights: Tensors, images: Tensor): Promise<Tensor> {
  await using device = await reference.open();
  const [count = 0] = images.shape;
  const program = await device.compile(forward(model, count).graph);
  const outputs = await program.run(await device.createState(weights), { [model.input.name]: images }).read();
  return defined(outputs[model.output.name], 'the output');
}

/** Applies a removed softmax, to return the output of the file. */
function finished({ activation }: OnnxNetwork, { shape: [count = 0], data }: Tensor): readonly number[] {
  const classes = data.length / count;
  const rows = Array.from({ length: count }, (_, i) =>
    Float32Array.from(data.slice(i * classes, (i + 1) * classes)),
  );
  return rows.flatMap((row) => [...(activation?.op === 'softmax' ? softmax(row) : row)]);
}

function furthest(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const wanted = Array.from(expected);
  const largest = Math.max(...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, i) => Math.abs(value - got[i]!))) / largest;
}

describe.each(names)('%s', (name) => {
  const images = storedOf(name, 'inputs');
  const expected = storedOf(name, 'outputs');

  it('reproduces the outputs of the original framework', async () => {
    const network = read(name);
    const got = finished(network, await run(network, network.values, images));
    expect(got).toHaveLength(expected.data.length);
    expect(furthest(got, expected.data)).toBeLessThan(1e-6);
  });

  it('is re-exported as the same network', async () => {
    const network = read(name);
    const again = readOnnx(exportOnnx(network, network.values));
    expect(again.activation?.op).toBe(network.activation?.op);
    const got = finished(again, await run(again, again.values, images));
    expect(furthest(got, expected.data)).toBeLessThan(1e-6);
  });

  it('has a nonzero gradient for every parameter', async () => {
    const network = read(name);
    const graph = gradients(network, 2);
    await using device = await reference.open();
    const program = await device.compile(graph);
    const fed: Tensors = {
      [network.input.name]: images,
      labels: int32([2], [0, 1]),
      random: { dtype: 'uint32', shape: [3], data: Uint32Array.of(0, 0, 0) },
    };
    const feeds = Object.fromEntries(
      graph.inputs.map((input) => [input.name, defined(fed[input.name], input.name)]),
    );
    const outputs = await program.run(await device.createState(network.values), feeds).read();
    const sizes = Object.entries(outputs)
      .filter(([output]) => output.startsWith('grad/'))
      .map(([, { data }]) => Math.max(...Array.from(data, Math.abs)));
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.every((size) => Number.isFinite(size) && size > 0)).toBe(true);
  });
});

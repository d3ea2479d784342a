// The .onnx files that isonet 0.1.0 wrote of small.ts: they still compute what they computed, and the exporters still write
// them. Where another file is meant to be written, it becomes a fixture of its own; these stay loadable.
import { readFileSync } from 'node:fs';
import { toBinary } from '@bufbuild/protobuf';
import { step } from '@isonet/core';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { exportGraph, exportOnnx } from '../src/index.ts';
import { ModelProtoSchema } from '../src/proto/onnx_pb.ts';
import { decode, nodeText } from './decode.ts';
import { classNames, numbers, optimizer, small, weights } from './small.ts';

const read = (name: string): Buffer => readFileSync(new URL(`fixtures/0.1.0/${name}`, import.meta.url));

/** Per file, the outputs of ONNX Runtime 1.30.0. */
const recorded = JSON.parse(read('outputs.json').toString('utf8')) as Readonly<
  Record<string, Readonly<Record<string, readonly number[]>>>
>;

/** The outputs for {@link numbers}; a batch that is free becomes 2. */
async function outputsOf(bytes: Uint8Array): Promise<Readonly<Record<string, readonly number[]>>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const feeds = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`${input.name}: expected a tensor`);
    const shape = input.shape.map((dim) => (typeof dim === 'number' ? dim : 2));
    const { data } = numbers(input.name, shape);
    if (input.type === 'float32') return [input.name, new ort.Tensor('float32', data, shape)] as const;
    return [
      input.name,
      new ort.Tensor(
        'int32',
        Int32Array.from(data, (u) => u * small.classes),
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

/** Files say which version wrote them; nothing else may differ. */
function writtenBy(producerVersion: string, bytes: Uint8Array): Uint8Array {
  return toBinary(ModelProtoSchema, { ...decode(bytes).model, producerVersion });
}

describe.each([
  ['inference.onnx', () => exportOnnx(small, weights(), { classNames })],
  ['step.onnx', () => exportGraph(step(small, 3, optimizer)).bytes],
] as const)('%s of 0.1.0', (name, exported) => {
  test('gives the recorded outputs', async () => {
    const [got, expected] = [await outputsOf(read(name)), recorded[name]];
    expect(Object.keys(got)).toEqual(Object.keys(expected ?? {}));
    for (const [output, values] of Object.entries(expected ?? {})) {
      const apart = values.map((value, i) => Math.abs((got[output]?.[i] ?? NaN) - value));
      expect(Math.max(...apart), output).toBeLessThan(1e-5);
    }
  });

  test('is what is written today', () => {
    const [old, today] = [decode(read(name)), decode(exported())];
    expect(today.graph.node.map(nodeText)).toEqual(old.graph.node.map(nodeText));
    const expected = writtenBy(today.model.producerVersion, read(name));
    expect(Buffer.from(exported()).equals(expected)).toBe(true);
  });
});

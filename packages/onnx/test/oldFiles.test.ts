// Compares today's exports of small.ts with the .onnx files that released versions wrote. An intended change gets a new fixture, like
// the steps of 0.3.0 and 0.4.0. Older fixtures must stay loadable, which backend-onnx tests.
import { readFileSync } from 'node:fs';
import { toBinary } from '@bufbuild/protobuf';
import { step } from '@isonet/core';
import { expect, test } from 'vitest';
import { exportGraph, exportOnnx } from '../src/index.ts';
import { ModelProtoSchema } from '../src/proto/onnx_pb.ts';
import { decode, nodeText } from './decode.ts';
import { classNames, optimizer, small, weights } from './small.ts';

/** Replaces the version recorded in a file, which is the only part that may differ. */
function writtenBy(producerVersion: string, bytes: Uint8Array): Uint8Array {
  return toBinary(ModelProtoSchema, { ...decode(bytes).model, producerVersion });
}

test.each([
  ['0.1.0/inference.onnx', () => exportOnnx(small, weights(), { classNames })],
  ['0.4.0/step.onnx', () => exportGraph(step(small, 3, optimizer)).bytes],
] as const)('%s is still written byte for byte', (name, exported) => {
  const bytes = readFileSync(new URL(`fixtures/${name}`, import.meta.url));
  const [old, today] = [decode(bytes), decode(exported())];
  expect(today.graph.node.map(nodeText)).toEqual(old.graph.node.map(nodeText));
  const expected = writtenBy(today.model.producerVersion, bytes);
  expect(Buffer.from(exported()).equals(expected)).toBe(true);
});

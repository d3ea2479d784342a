// The .onnx files that isonet 0.1.0 wrote of small.ts: the exporters still write them. Where another file is meant to be
// written, it becomes a fixture of its own; these stay loadable, which backend-onnx tests.
import { readFileSync } from 'node:fs';
import { toBinary } from '@bufbuild/protobuf';
import { step } from '@isonet/core';
import { expect, test } from 'vitest';
import { exportGraph, exportOnnx } from '../src/index.ts';
import { ModelProtoSchema } from '../src/proto/onnx_pb.ts';
import { decode, nodeText } from './decode.ts';
import { classNames, optimizer, small, weights } from './small.ts';

/** Files say which version wrote them; nothing else may differ. */
function writtenBy(producerVersion: string, bytes: Uint8Array): Uint8Array {
  return toBinary(ModelProtoSchema, { ...decode(bytes).model, producerVersion });
}

test.each([
  ['inference.onnx', () => exportOnnx(small, weights(), { classNames })],
  ['step.onnx', () => exportGraph(step(small, 3, optimizer)).bytes],
] as const)('%s of 0.1.0 is what is written today', (name, exported) => {
  const bytes = readFileSync(new URL(`fixtures/0.1.0/${name}`, import.meta.url));
  const [old, today] = [decode(bytes), decode(exported())];
  expect(today.graph.node.map(nodeText)).toEqual(old.graph.node.map(nodeText));
  const expected = writtenBy(today.model.producerVersion, bytes);
  expect(Buffer.from(exported()).equals(expected)).toBe(true);
});

// Snapshots of how often each operator occurs in the exports of every network, which reveal any change in how ops are written.
import type { ImageClassifier, Tensors } from '@isonet/core';
import { float32, sgd, sizeOf, stateOf, step } from '@isonet/core';
import { googlenet, googlenetImageNet, nin, nin224, ninCifar10 } from '@isonet/models';
import { expect, test } from 'vitest';
import { exportGraph, exportOnnx } from '../src/index.ts';
import { decode } from './decode.ts';

const networks = { nin, nin224, ninCifar10, googlenet, googlenetImageNet };
const cases = Object.entries(networks).flatMap(([name, network]) =>
  [false, true].map((batchNorm) => ({ name: batchNorm ? `${name}BatchNorm` : name, network, batchNorm })),
);

const BATCH = 32;

/** Lists one operator per line, the most frequent first. */
function operatorsOf(bytes: Uint8Array): string {
  const counts = new Map<string, number>();
  for (const { opType } of decode(bytes).graph.node) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  const lines = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return lines.map(([opType, count]) => `${String(count).padStart(5)} ${opType}\n`).join('');
}

function zeros(model: ImageClassifier): Tensors {
  const { parameters, buffers } = stateOf(model);
  return Object.fromEntries(
    [...parameters, ...buffers].map(({ name, shape }) => [
      name,
      float32(shape, new Float32Array(sizeOf(shape))),
    ]),
  );
}

test.each(cases)('$name', async ({ name, network, batchNorm }) => {
  const model = network({ batchNorm });
  const training = step(model, BATCH, sgd({ momentum: 0.9 }));
  const text = [
    `inference, any batch\n${operatorsOf(exportOnnx(model, zeros(model)))}`,
    `a training step on ${BATCH} images, in pixels\n${operatorsOf(exportGraph(training).bytes)}`,
    `a training step on ${BATCH} images, nchw\n${operatorsOf(exportGraph(training, { layout: 'nchw' }).bytes)}`,
  ].join('\n');
  await expect(text).toMatchFileSnapshot(`operators/${name}.txt`);
});

test('refuses an unknown layout', () => {
  const graph = step(nin(), 1, sgd());
  // @ts-expect-error plain JavaScript can pass any value
  expect(() => exportGraph(graph, { layout: 'nhwc' })).toThrow(
    'exportGraph: expected layout "pixels" or "nchw", got "nhwc"',
  );
});

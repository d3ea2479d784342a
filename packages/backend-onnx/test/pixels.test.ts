// Tests the training table `trainingPixels`, with its pixel form forced on every image. Otherwise the table would choose
// the plain form, because the batches of the suite are small.
import { runConformance } from '@isonet/conformance';
import type { Node, ValueId } from '@isonet/core';
import { defined, kernelFor } from '@isonet/core';
import type { OnnxKernels, Writer } from '@isonet/onnx/write';
import { trainingPixels } from '@isonet/onnx/write';
import { expect, test } from 'vitest';
import { pixels } from '../../onnx/src/write/pixels/form.ts';
import { backendOver } from '../src/native.ts';
import { loadRuntime } from '../src/runtime/load.ts';

const inPixels = (node: Node, { inputs }: { readonly inputs: readonly ValueId[] }, writer: Writer): void => {
  // The form of a kernel's result follows the form of its inputs.
  const fed = inputs.filter(
    (value) => writer.producer(value) === undefined && writer.dims(value).length === 4,
  );
  for (const value of fed) writer.inForm(value, pixels, 'any');
  const kernel = defined(kernelFor(trainingPixels, node), `the kernel of ${node.op}`);
  const same = (value: ValueId): ValueId => value;
  kernel(same, same, writer);
};

const forced: OnnxKernels = {
  ...trainingPixels,
  ...Object.fromEntries(Object.keys(trainingPixels).map((op) => [op, inPixels])),
};

const filter =
  /^(conv2d|maxPool2d|avgPool2d|batchNorm|relu|combination)\w*\/(?!full-size)|^(biasAdd|concat|slice|globalAvgPool2d|reduceSum|select|lrn|prelu|dropout|broadcast)\//;

test('every check of the ops with a kernel in pixels passes', async () => {
  const { wrong, rows } = await runConformance(backendOver(loadRuntime, forced), { filter });
  expect(wrong.map(({ key, failures }) => [key, failures])).toEqual([]);
  expect(rows.map(({ group }) => group)).toEqual(expect.arrayContaining(['conv2d', 'maxPool2dGrad']));
}, 180_000);

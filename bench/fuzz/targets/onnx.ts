// ONNX files: small networks of every operator whose protobuf fields are changed, and a few whose bytes are.
import type { IsonetError } from '@isonet/core';
import { defined } from '@isonet/core';
import type { OnnxNetwork, ReadGraph } from '@isonet/onnx';
import { externalFiles, readGraph, readOnnx } from '@isonet/onnx';
import { concat, damaged } from '../bytes.ts';
import { hugeNetworks } from '../onnx/huge.ts';
import { mutated } from '../onnx/mutate.ts';
import { networks } from '../onnx/networks.ts';
import { wireOf } from '../onnx/wire.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { demand, target } from '../target.ts';

/** A file: valid once in eight times, and protobuf nine times in ten. */
function onnxFile(random: Random): Uint8Array {
  let tree = defined(random.pick(random.oneIn(16) ? hugeNetworks : networks), 'a network');
  if (!random.oneIn(8)) for (let n = 1 + random.below(3); n > 0; n--) tree = mutated(random, tree);
  const bytes = wireOf(tree);
  if (random.oneIn(12)) return damaged(random, bytes);
  return random.oneIn(8) ? concat(Uint8Array.of(1), bytes).subarray(1) : bytes;
}

const sources = [
  'attributes',
  'build',
  'decode',
  'external',
  'names',
  'node',
  'readGraph',
  'readOnnx',
  'tensors',
  'wire',
].map((name) => `packages/onnx/src/read/${name}.ts`);

/** Sizes that the files leave open. */
const dims = { N: 2, batch: 1 };
const externalData = { 'weights.bin': new Uint8Array(64) };

/** Whether the bytes were decoded as ONNX's protobuf messages tells how deep the cases get. */
function wordOf({ code, message }: IsonetError): string {
  return message.startsWith('expected an ONNX file') ? `${code} (not decoded)` : code;
}

function checkValues(values: ReadGraph['values']): void {
  for (const [name, { shape, data }] of Object.entries(values)) {
    demand(data.length === shape.reduce((a, b) => a * b, 1), 'size', name);
  }
}

/** `readOnnx`: networks of one input and one output. */
export const onnx: Target = target({
  name: 'onnx',
  sources,
  generate: onnxFile,
  isNameless: true,
  wordOf,
  parse: (input): OnnxNetwork => readOnnx(input, { externalData }),
  check({ values, output }) {
    checkValues(values);
    demand(
      output.shape.every((dim) => Number.isSafeInteger(dim) && dim > 0),
      'dimensions',
    );
  },
});

/** `readGraph`: anything. */
export const onnxGraph: Target = target({
  name: 'onnxGraph',
  sources,
  generate: onnxFile,
  isNameless: true,
  wordOf,
  parse(input): ReadGraph {
    demand(
      externalFiles(input).every((name) => !name.includes('..')),
      'external files',
    );
    return readGraph(input, { externalData, dims });
  },
  check({ values, graph }) {
    checkValues(values);
    demand(graph.outputs.length > 0, 'outputs');
  },
});

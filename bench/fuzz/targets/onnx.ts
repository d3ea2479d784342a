// Fuzzes ONNX files: small networks that cover every operator, with changed protobuf fields, and some with changed bytes.
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

/** Generates a file, valid in one of eight cases and valid protobuf in nine of ten. */
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

/** Values for the dimensions that the files leave open. */
const dims = { N: 2, batch: 1 };
const externalData = { 'weights.bin': new Uint8Array(64) };

/** Distinguishes errors before and after protobuf decoding, which shows how far the cases get. */
function wordOf({ code, message }: IsonetError): string {
  return message.startsWith('expected an ONNX file') ? `${code} (not decoded)` : code;
}

function checkValues(values: ReadGraph['values']): void {
  for (const [name, { shape, data }] of Object.entries(values)) {
    demand(data.length === shape.reduce((a, b) => a * b, 1), 'size', name);
  }
}

/** The target `readOnnx`: networks of one input and one output. */
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

/** The target `readGraph`: any graph. */
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

// Builds small ONNX files, runs them on the float64 reference, and compares their gradients with finite differences.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Graph, Shape, Tensor, Tensors, Value } from '@isonet/core';
import { copyInto, float32, grad, gradientName, GraphBuilder, sizeOf, typeOf } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { readGraph } from '@isonet/onnx';
import { encodeModel } from '@isonet/onnx/write';
import type { OnnxAttrs, OnnxNode, OnnxTensor } from '@isonet/onnx/write';
import { ModelProtoSchema } from '../../src/proto/onnx_pb.ts';

/** The contents of a small file. All inputs are float32. */
export interface SmallModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers?: readonly OnnxTensor[];
  /** Their shapes, by name. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  /** Default 17. */
  readonly opset?: number;
}

/** Returns the bytes of an ONNX file. */
export function onnxModel({ nodes, initializers = [], inputs, outputs, opset = 17 }: SmallModel): Uint8Array {
  const bytes = encodeModel({
    name: 'small',
    nodes,
    initializers,
    inputs: Object.entries(inputs).map(([name, dims]) => ({ name, dtype: 'float32', dims })),
    // The reader ignores the declared type of an output.
    outputs: outputs.map((name) => ({ name, dtype: 'float32', dims: [] })),
  });
  const model = fromBinary(ModelProtoSchema, bytes);
  for (const entry of model.opsetImport) if (entry.domain === '') entry.version = BigInt(opset);
  return toBinary(ModelProtoSchema, model);
}

/** Creates a node of an ONNX operator, named after its first result. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attrs: OnnxAttrs = {},
): OnnxNode {
  return { name: outputs[0] ?? opType, opType, domain: '', inputs, outputs, attrs };
}

/** Returns a tensor of 0, 1, 2, ... */
export function counting(shape: Shape): Tensor {
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
  );
}

/** Returns multiples of 1 / 64 in -2..2, without ties between nearby elements. */
export function scattered(shape: Shape, seed = 0): Tensor {
  const at = (i: number): number => ((((i + seed * 17) * 37 + 11) % 257) - 128) / 64;
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => at(i)),
  );
}

/** Runs a file. Returns the shape and values of each output, rounded to 6 digits. */
export async function run(
  bytes: Uint8Array,
  feeds: Tensors,
): Promise<Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>>> {
  const { graph, values } = readGraph(bytes);
  const outputs = await runGraph(graph, values, feeds);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) => [
      name,
      { shape, data: Array.from(data, (value) => Number(value.toPrecision(6))) },
    ]),
  );
}

/** Returns a file's only output `y` for its only input `x`. */
export async function outputOf(
  model: Omit<SmallModel, 'inputs' | 'outputs'>,
  x: Tensor,
): Promise<{ readonly shape: Shape; readonly data: readonly number[] }> {
  const { y } = await run(onnxModel({ ...model, inputs: { x: x.shape }, outputs: ['y'] }), { x });
  if (!y) throw new Error('the file has no output y');
  return y;
}

/** Returns the largest error of the gradients of a weighted sum of y, by x and each parameter, against central differences. */
export async function gradientError(
  model: Omit<SmallModel, 'inputs' | 'outputs'>,
  x: Tensor,
): Promise<number> {
  const { graph, values } = readGraph(onnxModel({ ...model, inputs: { x: x.shape }, outputs: ['y'] }));
  const names = ['x', ...graph.state.map(({ name }) => name)];
  const lossGraph = withLoss(graph);
  const exact = await runGraph(grad(lossGraph, 'loss', names), values, { x });
  const all: Tensors = { ...values, x };
  const step = 2 ** -10; // Every value is a multiple of it, exact in float32.
  let error = 0;
  for (const name of names) {
    const tensor = all[name]!;
    const lossAt = async (i: number, by: number): Promise<number> => {
      const data = Float32Array.from(tensor.data);
      data[i] = data[i]! + by;
      const moved = { ...all, [name]: float32(tensor.shape, data) };
      const { x: fed, ...state } = moved;
      const { loss } = await runGraph(lossGraph, state, { x: fed! });
      return loss!.data[0]!;
    };
    const analytic = Array.from(exact[gradientName(name)]!.data);
    for (const [i, value] of analytic.entries()) {
      const difference = ((await lossAt(i, step)) - (await lossAt(i, -step))) / (2 * step);
      error = Math.max(error, Math.abs(value - difference));
    }
  }
  return error;
}

/** Adds a loss to the graph: the weighted sum of its output. */
function withLoss(graph: Graph): Graph {
  const b = new GraphBuilder('loss');
  const at = copyInto(b, graph);
  const y: Value = at(graph.outputs[0]!.value);
  const { shape } = typeOf(graph, graph.outputs[0]!.value);
  const weighted = b.op.mul(y, b.constant(scattered(shape, 5)));
  const sum = b.op.reduceSum(weighted, { axes: shape.map((_, axis) => axis) });
  b.output('loss', b.op.reshape(sum, { shape: [] }));
  return b.build();
}

/** Runs a graph on the reference. Returns every output, unrounded. */
export async function runGraph(graph: Graph, state: Tensors, feeds: Tensors): Promise<Tensors> {
  await using device = await reference.open();
  await using held = await device.createState(state);
  await using program = await device.compile(graph);
  return program.run(held, feeds).read();
}

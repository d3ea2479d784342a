// Devices that are wrong on purpose. A check that none of them fails proves nothing; the tests of this package hold the
// suite to them.
import type { CopyOptions, Device, Execution, Graph, Node, OpName, Program, Value } from '@isonet/core';
import { copyInto, copyResults, float32, GraphBuilder, sizeOf } from '@isonet/core';

/** What stands in a node's place, or undefined where the node stays. */
type Replace = (b: GraphBuilder, node: Node, inputs: readonly Value[]) => readonly Value[] | undefined;

/** The device, but it computes some nodes otherwise. */
export function withKernel(device: Device, replace: Replace): Device {
  const plant = (graph: Graph): Graph => {
    const b = new GraphBuilder(graph.name);
    const emit: CopyOptions['emit'] = (node, inputs) =>
      replace(b, node, inputs) ?? b.emit(node.op, inputs, node.attrs);
    copyResults(b, graph, copyInto(b, graph, { emit }));
    return b.build();
  };
  return { ...forwarded(device), compile: (graph, options) => device.compile(plant(graph), options) };
}

/** The device, but the updates of a run land one by one: each sees those before it. */
export function withEarlyUpdates(device: Device): Device {
  const compile: Device['compile'] = async (graph) => {
    const first = await device.compile({ ...graph, updates: [] });
    const updates = await Promise.all(
      graph.updates.map((update) => device.compile({ ...graph, outputs: [], updates: [update] })),
    );
    const run: Program['run'] = (state, feeds): Execution => {
      const execution = first.run(state, feeds);
      for (const update of updates) update.run(state, feeds).discard();
      return execution;
    };
    const dispose = async (): Promise<void> => await first[Symbol.asyncDispose]();
    const { fingerprint, scratchBytes } = first;
    return { graph, fingerprint, scratchBytes, run, [Symbol.asyncDispose]: dispose };
  };
  return { ...forwarded(device), compile };
}

function forwarded(device: Device): Device {
  return {
    info: device.info,
    numerics: device.numerics,
    lost: device.lost,
    supports: (node, types) => device.supports(node, types),
    createState: (values) => device.createState(values),
    compile: (graph, options) => device.compile(graph, options),
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
}

/** The operands of one op changed on their way in. */
function operands(
  op: OpName,
  change: (b: GraphBuilder, inputs: readonly Value[], node: Node) => readonly Value[],
): Replace {
  return (b, node, inputs) => (node.op === op ? b.emit(op, change(b, inputs, node), node.attrs) : undefined);
}

/** `value` with 0 wherever `keep` is false. */
function masked(b: GraphBuilder, value: Value, keep: (index: number, lastAxis: number) => boolean): Value {
  const lastAxis = value.shape.at(-1) ?? 1;
  const mask = Array.from({ length: sizeOf(value.shape) }, (_, i) => Number(keep(i, lastAxis)));
  return b.op.mul(value, b.constant(float32(value.shape, mask)));
}

/**
 * Rounded to `bits` significant bits, in float64 arithmetic (Dekker 1971; Veltkamp's splitting). Only for a device that
 * computes in float64.
 */
function rounded(b: GraphBuilder, value: Value, bits: number): Value {
  const scaled = b.op.mul(value, b.fill(2 ** (53 - bits), value.shape));
  return b.op.sub(scaled, b.op.sub(scaled, value));
}

/** Every result of every op rounded to float32: not a fault, but what an honest device does. */
export const roundedToFloat32: Replace = (b, node, inputs) =>
  b
    .emit(node.op, inputs, node.attrs)
    .map((value) => (value.dtype === 'float32' ? rounded(b, value, 24) : value));

const convolutions: readonly OpName[] = ['conv2d', 'conv2dGradInput', 'conv2dGradFilter'];

/** Kernels that are wrong, each in a way that has been met in the field. */
export const wrongKernels: Readonly<Record<string, Replace>> = {
  /** The last maximum of a window gets the gradient: x rises by a little from pixel to pixel. */
  'maxPool2dGrad: the last maximum': operands('maxPool2dGrad', (b, [x, ...rest]) => {
    if (!x) return rest;
    const ramp = Array.from({ length: sizeOf(x.shape) }, (_, i) => i * 1e-9);
    return [b.op.add(x, b.constant(float32(x.shape, ramp))), ...rest];
  }),
  'maxPool2d: padding by zeros': (b, node, [x]) => {
    if (node.op !== 'maxPool2d' || !x || node.attrs.pads.every((pad) => pad === 0)) return undefined;
    const y = b.op.maxPool2d(x, node.attrs);
    return [b.op.max(y, b.fill(0, y.shape))];
  },
  'conv2d: a dropped tap': operands('conv2d', (b, [x, w]) =>
    x && w ? [x, masked(b, w, (i) => (i + 1) % sizeOf(w.shape.slice(2)) !== 0)] : [],
  ),
  'conv2d: a shifted row': (b, node, [x, w]) => {
    if (node.op !== 'conv2d' || !x || !w) return undefined;
    const [top, left, bottom, right] = node.attrs.pads;
    return top === 0
      ? undefined
      : [b.op.conv2d(x, w, { ...node.attrs, pads: [top - 1, left, bottom + 1, right] })];
  },
  'conv2dGradFilter: the last column is left out': operands('conv2dGradFilter', (b, [x, dy]) =>
    x && dy ? [x, masked(b, dy, (i, width) => (i + 1) % width !== 0)] : [],
  ),
  'convolutions: inputs in TF32': (b, node, inputs) =>
    convolutions.includes(node.op)
      ? b.emit(
          node.op,
          inputs.map((input) => rounded(b, input, 11)),
          node.attrs,
        )
      : undefined,
  'biasAdd: forgotten': (_, node, [x]) => (node.op === 'biasAdd' && x ? [x] : undefined),
  'reduceSum: no axes taken for all': (b, node, [x]) => {
    if (node.op !== 'reduceSum' || !x || node.attrs.axes.length > 0) return undefined;
    const all = b.op.reduceSum(x, { axes: x.shape.map((_, axis) => axis) });
    return [b.op.broadcast(all, { shape: x.shape })];
  },
  'select: by multiplication': (b, node, [condition, x, y]) => {
    if (node.op !== 'select' || !condition || !x || !y) return undefined;
    const [one, none] = [b.fill(1, x.shape), b.fill(0, x.shape)];
    const chosen = b.op.mul(b.op.select(condition, one, none), x);
    return [b.op.add(chosen, b.op.mul(b.op.select(condition, none, one), y))];
  },
  'randomUniform: another stream': (b, node, [random]) =>
    node.op === 'randomUniform' && random
      ? [b.op.randomUniform(random, { ...node.attrs, stream: node.attrs.stream + 1 })]
      : undefined,
};

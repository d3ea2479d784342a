// Lists the ops that each layer of core emits, found by building every layer once.
import type { Layer, OpName, Shape, Task } from '@isonet/core';
import {
  avgPool2d,
  batchNorm,
  classification,
  conv2d,
  convTranspose2d,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  gelu,
  globalAvgPool2d,
  GraphBuilder,
  groupNorm,
  hardSigmoid,
  layerNorm,
  leakyRelu,
  localResponseNorm,
  maxPool2d,
  multiLabel,
  parallel,
  prelu,
  regression,
  relu,
  Scope,
  separableConv2d,
  sigmoid,
  silu,
  tanh,
  upsample2d,
} from '@isonet/core';

/** The ops of a layer, or of the losses of a task, in inference and in training. */
export interface LayerOps {
  /** Markdown: `` `conv2d` ``, ``loss of `regression` ``. */
  readonly name: string;
  /** The ops in inference, in the order in which they are first used. */
  readonly inference: readonly OpName[];
  /** The ops of the forward pass in training, in the same order, without gradients and updates. */
  readonly training: readonly OpName[];
}

const images: Shape = [2, 4, 6, 6];
const rows: Shape = [2, 8];

/** A sample of each layer of core, with the shape of its input. */
const samples: Readonly<Record<string, readonly [layer: Layer, input: Shape]>> = {
  conv2d: [conv2d(3, { kernel: 3 }), images],
  'conv2d, batchNorm: true': [conv2d(3, { kernel: 3, batchNorm: true }), images],
  depthwiseConv2d: [depthwiseConv2d({ kernel: 3 }), images],
  separableConv2d: [separableConv2d(3, { kernel: 3 }), images],
  convTranspose2d: [convTranspose2d(3, { kernel: 2, stride: 2 }), images],
  maxPool2d: [maxPool2d({ kernel: 2 }), images],
  avgPool2d: [avgPool2d({ kernel: 2 }), images],
  globalAvgPool2d: [globalAvgPool2d(), images],
  upsample2d: [upsample2d(2), images],
  batchNorm: [batchNorm(), images],
  groupNorm: [groupNorm(2), images],
  layerNorm: [layerNorm(), images],
  localResponseNorm: [localResponseNorm(), images],
  dense: [dense(3), rows],
  flatten: [flatten(), images],
  parallel: [parallel({ a: conv2d(3, { kernel: 1 }), b: conv2d(3, { kernel: 1 }) }), images],
  dropout: [dropout(0.5), rows],
  gelu: [gelu(), rows],
  hardSigmoid: [hardSigmoid(), rows],
  leakyRelu: [leakyRelu(), rows],
  prelu: [prelu(), images],
  relu: [relu(), rows],
  sigmoid: [sigmoid(), rows],
  silu: [silu(), rows],
  tanh: [tanh(), rows],
};

const tasks: readonly Task[] = [classification(), multiLabel(), regression()];

/** Returns the ops of every layer of core and of every task's loss. */
export function layerOps(): readonly LayerOps[] {
  const layers = Object.entries(samples).map(([name, [layer, input]]) => ({
    name: `\`${name}\``,
    inference: opsOf(layer, input, false),
    training: opsOf(layer, input, true),
  }));
  const losses = tasks.map((task) => ({
    name: `loss of \`${task.name}\``,
    inference: [],
    training: lossOps(task),
  }));
  return [...layers, ...losses];
}

function opsOf(layer: Layer, input: Shape, training: boolean): readonly OpName[] {
  const b = new GraphBuilder('layer');
  const x = b.input('x', { dtype: 'float32', shape: input });
  b.output('y', Scope.root(b, { training }).run('layer', layer, x));
  return opsIn(b);
}

function lossOps(task: Task): readonly OpName[] {
  const b = new GraphBuilder('loss');
  const output = b.input('output', { dtype: 'float32', shape: rows });
  const [type] = task.targets(output);
  const labels = b.input('labels', type);
  b.output('losses', task.losses(b, output, labels));
  return opsIn(b);
}

function opsIn(b: GraphBuilder): readonly OpName[] {
  return [...new Set(b.build().nodes.map(({ op }) => op))];
}

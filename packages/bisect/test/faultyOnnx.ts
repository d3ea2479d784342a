// Faults in the kernels of a real backend, each in one layer: entries of ONNX Runtime's own table, replaced.
import type { Device, Node, NodeOf, OpName, ValueId } from '@isonet/core';
import { float32, sizeOf } from '@isonet/core';
import { backendOver } from '../../backend-onnx/src/device.ts';
import { kernels } from '../../backend-onnx/src/lowering/portable.ts';
import { loadRuntime } from '../../backend-onnx/src/runtime/load.ts';
import { writeConv } from '../../onnx/src/write/ops/conv2d.ts';
import type { OnnxKernels, Writer } from '../../onnx/src/write/writer/writer.ts';

/** Writes a node wrongly. */
type Write<K extends OpName> = (node: NodeOf<K>, writer: Writer) => void;

export interface Fault {
  readonly what: string;
  /** What a search has to call it: layer, op and way. */
  readonly found: RegExp;
  readonly kernels: Partial<OnnxKernels>;
  /** No prefix of the graph gives a wrong result: the error is masked before anything that is read. */
  readonly unread?: true;
}

/** ONNX Runtime's device with some of its kernels replaced. */
export function faultyOnnx(faulty: Partial<OnnxKernels>): Promise<Device> {
  return backendOver(loadRuntime, { ...kernels, ...faulty }).open();
}

/** The kernel in nodes of that name, the table's own in all others. */
function inLayer<K extends OpName>(op: K, name: string, write: Write<K>): Partial<OnnxKernels> {
  const honest = kernels[op] as Write<K> | undefined;
  const either: Write<K> = (node, writer) => (node.name === name ? write : honest)?.(node, writer);
  return { [op]: either };
}

/** Writes with a value that has become another. */
function on(value: ValueId, name: string, writer: Writer, write: () => void): void {
  const before = writer.full(value);
  writer.set(value, name);
  write();
  writer.set(value, before);
}

function input(node: Node, place: number): ValueId {
  const value = node.inputs[place];
  if (value === undefined) throw new Error(`${node.op} has no input ${place}`);
  return value;
}

function output({ outputs: [value] }: Node): ValueId {
  if (value === undefined) throw new Error('no output');
  return value;
}

/** A convolution that a bias behind it does not swallow, and that bias. */
function conv(name: string, write: Write<'conv2d'>, bias: Write<'biasAdd'> = addBias): Partial<OnnxKernels> {
  return { ...inLayer('conv2d', name, write), ...inLayer('biasAdd', name, bias) };
}

const addBias: Write<'biasAdd'> = (node, writer) => {
  const [channels = 1] = writer.shape(input(node, 1));
  const shape = writer.shape(input(node, 0)).map((_, axis) => (axis === 1 ? channels : 1));
  const bias = writer.emit('Reshape', [writer.full(input(node, 1)), writer.int64(shape)]);
  writer.set(output(node), writer.emit('Add', [writer.full(input(node, 0)), bias]));
};

/** Turned upside down and back to front. */
function flipped(name: string, writer: Writer): string {
  const ends = writer.int64([-1000, -1000]);
  const [starts, axes] = [writer.int64([-1, -1]), writer.int64([2, 3])];
  return writer.emit('Slice', [name, starts, ends, axes, writer.int64([-1, -1])]);
}

/** `value` with 0 in the last of its columns. */
function withoutLastColumn(value: ValueId, writer: Writer): string {
  const width = writer.shape(value).at(-1) ?? 1;
  const mask = float32(
    [width],
    Array.from({ length: width }, (_, i) => Number(i < width - 1)),
  );
  return writer.emit('Mul', [writer.full(value), writer.constant(mask)]);
}

/** A convolution that leaves out the last tap of its filter. */
export function droppedTap(name: string): Partial<OnnxKernels> {
  return conv(name, (node, writer) => {
    const w = input(node, 1);
    const taps = writer.shape(w).slice(2);
    const mask = Array.from({ length: sizeOf(taps) }, (_, i) => Number(i < sizeOf(taps) - 1));
    const masked = writer.emit('Mul', [writer.full(w), writer.constant(float32(taps, mask))]);
    on(w, masked, writer, () => writer.set(output(node), writeConv(node, undefined, writer)));
  });
}

/** A max pooling that gives its gradient to the last of equal maxima: the right one, of everything back to front. */
export function lastMaximum(name: string): Partial<OnnxKernels> {
  return inLayer('maxPool2dGrad', `${name}/grad`, (node, writer) => {
    const [x, y, dy] = [input(node, 0), input(node, 1), input(node, 2)];
    const dx = output(node);
    const honest = (): void => kernels.maxPool2dGrad(node, writer);
    const turned = flipped(writer.full(dy), writer);
    on(x, flipped(writer.full(x), writer), writer, () =>
      on(y, flipped(writer.full(y), writer), writer, () => on(dy, turned, writer, honest)),
    );
    writer.set(dx, flipped(writer.full(dx), writer));
  });
}

export const faults: readonly Fault[] = [
  {
    what: 'a convolution drops its last tap',
    found: /^b2\.c1 \(conv2d, node \d+ of \d+, forward\)$/,
    kernels: droppedTap('b2.c1'),
  },
  {
    what: 'a convolution is shifted by a row',
    found: /^b1\.c1 \(conv2d, node 1 of \d+, forward\)$/,
    kernels: conv('b1.c1', (node, writer) => {
      const [top, left, bottom, right] = node.attrs.pads;
      const attrs = { ...node.attrs, pads: [top - 1, left, bottom + 1, right] as const };
      writer.set(output(node), writeConv({ ...node, attrs }, undefined, writer));
    }),
  },
  {
    what: 'a bias is forgotten',
    found: /^b2\.c2 \(biasAdd, node \d+ of \d+, forward\)$/,
    kernels: conv(
      'b2.c2',
      (node, writer) => writer.set(output(node), writeConv(node, undefined, writer)),
      (node, writer) => writer.set(output(node), writer.full(input(node, 0))),
    ),
  },
  {
    what: 'dropout does not scale what it keeps',
    found: /^drop \(dropout, node \d+ of \d+, forward\)$/,
    kernels: inLayer('mul', 'drop', (node, writer) => writer.set(output(node), writer.full(input(node, 0)))),
  },
  {
    what: 'global average pooling divides by one pixel too few',
    found: /^gap \(globalAvgPool2d, node \d+ of \d+, forward\)$/,
    kernels: inLayer('globalAvgPool2d', 'gap', (node, writer) => {
      const [, , height = 1, width = 1] = writer.shape(input(node, 0));
      const mean = writer.emit('GlobalAveragePool', [writer.full(input(node, 0))]);
      const factor = writer.constant(float32([], [(height * width) / (height * width - 1)]));
      writer.set(output(node), writer.emit('Mul', [mean, factor]));
    }),
  },
  {
    what: 'the loss takes logarithms to the base 2',
    found: /^loss \(softmaxCrossEntropy, node \d+ of \d+, forward\)$/,
    kernels: inLayer('logSoftmax', 'loss', (node, writer) => {
      kernels.logSoftmax?.(node, writer);
      const y = output(node);
      writer.set(y, writer.emit('Div', [writer.full(y), writer.constant(float32([], [Math.LN2]))]));
    }),
  },
  {
    what: 'a max pooling gives its gradient to the last of equal maxima',
    found: /^pool1 \(maxPool2dGrad, node \d+ of \d+, backward\)$/,
    kernels: lastMaximum('pool1'),
    unread: true,
  },
  {
    what: 'a filter is flipped in the gradient for the input',
    found: /^b2\.c1 \(conv2dGradInput, node \d+ of \d+, backward\)$/,
    kernels: inLayer('conv2dGradInput', 'b2.c1/grad', (node, writer) => {
      const w = input(node, 1);
      on(w, flipped(writer.full(w), writer), writer, () => kernels.conv2dGradInput(node, writer));
    }),
  },
  {
    what: 'the gradient of a filter leaves out the last column',
    found: /^b2\.c1 \(conv2dGradFilter, node \d+ of \d+, backward\)$/,
    kernels: inLayer('conv2dGradFilter', 'b2.c1/grad', (node, writer) => {
      const dy = input(node, 1);
      on(dy, withoutLastColumn(dy, writer), writer, () => kernels.conv2dGradFilter(node, writer));
    }),
  },
  {
    what: 'the gradient of a bias leaves out the last column',
    found: /^b1\.c1 \(reduceSum, node \d+ of \d+, backward\)$/,
    kernels: inLayer('reduceSum', 'b1.c1/grad', (node, writer) => {
      const x = input(node, 0);
      on(x, withoutLastColumn(x, writer), writer, () => kernels.reduceSum(node, writer));
    }),
  },
  {
    what: 'a ReLU lets the gradient through at 0',
    found: /^b1\.c2 \(greater, node \d+ of \d+, backward\)$/,
    kernels: inLayer('greater', 'b1.c2/grad', (node, writer) => writer.elementwise('GreaterOrEqual', node)),
  },
  {
    what: 'a ReLU leaks when it is compiled together with a convolution and its bias',
    found: /^b2\.c3 \(conv2d \+ biasAdd \+ relu, nodes \d+ to \d+ of \d+, forward\)$/,
    kernels: inLayer('relu', 'b2.c3', (node, writer) => {
      const bias = writer.producer(input(node, 0));
      const before = bias?.op === 'biasAdd' ? writer.producer(input(bias, 0)) : undefined;
      if (before?.op === 'conv2d') writer.elementwise('LeakyRelu', node, { alpha: { float: 0.25 } });
      else writer.elementwise('Relu', node);
    }),
  },
  {
    what: 'a convolution forgets its bias only when it writes both at once',
    found: /^b3\.c1 \(conv2d \+ biasAdd, nodes \d+, \d+ of \d+, forward\)$/,
    kernels: inLayer('biasAdd', 'b3.c1', (node, writer) => {
      const before = writer.producer(input(node, 0));
      if (before?.op === 'conv2d') writer.set(output(node), writeConv(before, undefined, writer));
      else addBias(node, writer);
    }),
  },
];

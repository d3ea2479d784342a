// Faults in the kernels of a real backend: each replaces entries of the ONNX Runtime backend's kernel table, for one
// layer.
import type { Device, OpName, Phase, ValueId } from '@isonet/core';
import { defined, dimOf, float32, sizeOf } from '@isonet/core';
import { backendOver } from '../../backend-onnx/src/native.ts';
import { kernels } from '../../backend-onnx/src/lowering/portable.ts';
import { loadRuntime } from '../../backend-onnx/src/runtime/load.ts';
import { writeConv } from '../../onnx/src/write/ops/conv2d.ts';
import type { OnnxKernel, OnnxKernels, Writer } from '../../onnx/src/write/writer/writer.ts';

export interface Fault {
  readonly what: string;
  /** Matches the text of the nodes that a search must find: layer, op and phase. */
  readonly found: RegExp;
  readonly kernels: Partial<OnnxKernels>;
  /** No prefix of the graph returns a wrong result: the error is masked before it reaches a value that is read. */
  readonly unread?: true;
}

/** ONNX Runtime's device with some of its kernels replaced. */
export function faultyOnnx(faulty: Partial<OnnxKernels>): Promise<Device> {
  return backendOver(loadRuntime, { ...kernels, ...faulty }).open();
}

/**
 * Writes nodes of that layer and phase with `write`, and all others with the table's kernel or, if it has none, with
 * `right`.
 */
function inLayer<K extends OpName>(
  op: K,
  layer: string,
  write: OnnxKernel<K>,
  phase: Phase = 'forward',
  right?: OnnxKernel<K>,
): Partial<OnnxKernels> {
  const honest = (kernels[op] as OnnxKernel<K> | undefined) ?? right;
  const either: OnnxKernel<K> = (node, operands, writer) => {
    const { origin } = node;
    const kernel = origin.layer === layer && origin.phase === phase ? write : honest;
    kernel?.(node, operands, writer);
  };
  return { [op]: either };
}

/** Runs `write` with the value bound to another name. */
function on(value: ValueId, name: string, writer: Writer, write: () => void): void {
  const before = writer.full(value);
  writer.set(value, name);
  write();
  writer.set(value, before);
}

/**
 * Replaces the kernels of a convolution and of the bias after it: the table's own bias kernel would write the
 * convolution too.
 */
function conv(
  layer: string,
  write: OnnxKernel<'conv2d'>,
  bias: OnnxKernel<'biasAdd'> = addBias,
): Partial<OnnxKernels> {
  return { ...inLayer('conv2d', layer, write), ...inLayer('biasAdd', layer, bias) };
}

const addBias: OnnxKernel<'biasAdd'> = (_, { inputs: [x, bias], outputs: [y] }, writer) => {
  const channels = dimOf(writer.shape(bias), 0);
  const shape = writer.shape(x).map((_dim, axis) => (axis === 1 ? channels : 1));
  const column = writer.emit('Reshape', [writer.full(bias), writer.int64(shape)]);
  writer.set(y, writer.emit('Add', [writer.full(x), column]));
};

/** Passes the gradient where the comparison of y with 0 holds. */
function passedWhere(comparison: 'Greater' | 'GreaterOrEqual'): OnnxKernel<'reluGrad'> {
  return (_, { inputs: [y, dy], outputs: [dx] }, writer) => {
    const zero = writer.constant(float32([], [0]));
    const passes = writer.emit(comparison, [writer.full(y), zero]);
    writer.set(dx, writer.emit('Where', [passes, writer.full(dy), zero]));
  };
}

/** Reverses the rows and the columns. */
function flipped(name: string, writer: Writer): string {
  const ends = writer.int64([-1000, -1000]);
  const [starts, axes] = [writer.int64([-1, -1]), writer.int64([2, 3])];
  return writer.emit('Slice', [name, starts, ends, axes, writer.int64([-1, -1])]);
}

/** `value` with 0 in the last of its columns. */
function withoutLastColumn(value: ValueId, writer: Writer): string {
  const width = defined(writer.shape(value).at(-1), 'the number of columns');
  const mask = float32(
    [width],
    Array.from({ length: width }, (_, i) => Number(i < width - 1)),
  );
  return writer.emit('Mul', [writer.full(value), writer.constant(mask)]);
}

/** Returns a convolution that omits the last tap of its filter. */
export function droppedTap(layer: string): Partial<OnnxKernels> {
  return conv(layer, (node, { inputs: [, w], outputs: [y] }, writer) => {
    const taps = writer.shape(w).slice(2);
    const mask = Array.from({ length: sizeOf(taps) }, (_, i) => Number(i < sizeOf(taps) - 1));
    const masked = writer.emit('Mul', [writer.full(w), writer.constant(float32(taps, mask))]);
    on(w, masked, writer, () => writer.set(y, writeConv(node, undefined, writer)));
  });
}

/**
 * Returns a max pooling that passes its gradient to the last of equal maxima: the right kernel, applied to reversed
 * images.
 */
export function lastMaximum(layer: string): Partial<OnnxKernels> {
  const write: OnnxKernel<'maxPool2dGrad'> = (node, operands, writer) => {
    const {
      inputs: [x, y, dy],
      outputs: [dx],
    } = operands;
    const honest = (): void => kernels.maxPool2dGrad(node, operands, writer);
    const turned = flipped(writer.full(dy), writer);
    on(x, flipped(writer.full(x), writer), writer, () =>
      on(y, flipped(writer.full(y), writer), writer, () => on(dy, turned, writer, honest)),
    );
    writer.set(dx, flipped(writer.full(dx), writer));
  };
  return inLayer('maxPool2dGrad', layer, write, 'backward');
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
    kernels: conv('b1.c1', (node, { outputs: [y] }, writer) => {
      const [top, left, bottom, right] = node.attrs.pads;
      const attrs = { ...node.attrs, pads: [top - 1, left, bottom + 1, right] as const };
      writer.set(y, writeConv({ ...node, attrs }, undefined, writer));
    }),
  },
  {
    what: 'a bias is forgotten',
    found: /^b2\.c2 \(biasAdd, node \d+ of \d+, forward\)$/,
    kernels: conv(
      'b2.c2',
      (node, { outputs: [y] }, writer) => writer.set(y, writeConv(node, undefined, writer)),
      (_, { inputs: [x], outputs: [y] }, writer) => writer.set(y, writer.full(x)),
    ),
  },
  {
    what: 'dropout does not scale what it keeps',
    found: /^drop \(dropout, node \d+ of \d+, forward\)$/,
    kernels: inLayer('mul', 'drop', (_, { inputs: [x], outputs: [y] }, writer) =>
      writer.set(y, writer.full(x)),
    ),
  },
  {
    what: 'global average pooling divides by one pixel too few',
    found: /^gap \(globalAvgPool2d, node \d+ of \d+, forward\)$/,
    kernels: inLayer('globalAvgPool2d', 'gap', (_, { inputs: [x], outputs: [y] }, writer) => {
      const [, , height, width] = writer.shape4(x);
      const mean = writer.emit('GlobalAveragePool', [writer.full(x)]);
      const factor = writer.constant(float32([], [(height * width) / (height * width - 1)]));
      writer.set(y, writer.emit('Mul', [mean, factor]));
    }),
  },
  {
    what: 'the loss takes logarithms to the base 2',
    found: /^loss \(softmaxCrossEntropy, node \d+ of \d+, forward\)$/,
    kernels: inLayer('logSoftmax', 'loss', (node, operands, writer) => {
      kernels.logSoftmax?.(node, operands, writer);
      const [y] = operands.outputs;
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
    kernels: inLayer(
      'conv2dGradInput',
      'b2.c1',
      (node, operands, writer) => {
        const [, w] = operands.inputs;
        on(w, flipped(writer.full(w), writer), writer, () => kernels.conv2dGradInput(node, operands, writer));
      },
      'backward',
    ),
  },
  {
    what: 'the gradient of a filter leaves out the last column',
    found: /^b2\.c1 \(conv2dGradFilter, node \d+ of \d+, backward\)$/,
    kernels: inLayer(
      'conv2dGradFilter',
      'b2.c1',
      (node, operands, writer) => {
        const [, dy] = operands.inputs;
        on(dy, withoutLastColumn(dy, writer), writer, () => kernels.conv2dGradFilter(node, operands, writer));
      },
      'backward',
    ),
  },
  {
    what: 'the gradient of a bias leaves out the last column',
    found: /^b1\.c1 \(reduceSum, node \d+ of \d+, backward\)$/,
    kernels: inLayer(
      'reduceSum',
      'b1.c1',
      (node, operands, writer) => {
        const [x] = operands.inputs;
        on(x, withoutLastColumn(x, writer), writer, () => kernels.reduceSum(node, operands, writer));
      },
      'backward',
    ),
  },
  {
    what: 'a ReLU lets the gradient through at 0',
    found: /^b1\.c2 \(reluGrad, node \d+ of \d+, backward\)$/,
    kernels: inLayer('reluGrad', 'b1.c2', passedWhere('GreaterOrEqual'), 'backward', passedWhere('Greater')),
  },
  {
    what: 'a ReLU leaks when it is compiled together with a convolution and its bias',
    found: /^b2\.c3 \(conv2d \+ biasAdd \+ relu, nodes \d+ to \d+ of \d+, forward\)$/,
    kernels: inLayer('relu', 'b2.c3', (_, operands, writer) => {
      const bias = writer.producer(operands.inputs[0]);
      const before = bias?.op === 'biasAdd' ? writer.producer(bias.inputs[0]) : undefined;
      if (before?.op === 'conv2d') writer.elementwise('LeakyRelu', operands, { alpha: { float: 0.25 } });
      else writer.elementwise('Relu', operands);
    }),
  },
  {
    what: 'a convolution forgets its bias only when it writes both at once',
    found: /^b3\.c1 \(conv2d \+ biasAdd, nodes \d+, \d+ of \d+, forward\)$/,
    kernels: inLayer('biasAdd', 'b3.c1', (node, operands, writer) => {
      const { inputs, outputs } = operands;
      const before = writer.producer(inputs[0]);
      if (before?.op === 'conv2d') writer.set(outputs[0], writeConv(before, undefined, writer));
      else addBias(node, operands, writer);
    }),
  },
];

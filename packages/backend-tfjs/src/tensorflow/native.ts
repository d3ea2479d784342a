// Calls an op of the TensorFlow library directly, by its name and attributes. tfjs-node's kernels for pooling and for gradients
// support only 'same' and 'valid' padding, but the library itself supports any.
import type { Pads, Pair } from '@isonet/core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';

interface Attr {
  readonly name: string;
  readonly type: number;
  readonly value: number | string | readonly number[];
}

/** The part of tfjs-node's backend that is not in TensorFlow.js's interface. */
export interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: {
    readonly TF_Version: string;
    readonly TF_FLOAT: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_TYPE: number;
  };
  executeSingleOutput(name: string, attrs: readonly Attr[], inputs: readonly Tensor[]): Tensor;
}

interface Window {
  /** The window of a pooling. A convolution's is the shape of its filter. */
  readonly kernel?: Pair;
  readonly strides: Pair;
  readonly dilations?: Pair;
  readonly pads: Pads;
}

export const unpadded: Pads = [0, 0, 0, 0];

/** Returns tfjs-node's backend, which must be the current one. */
export function nativeBackend(tf: Tf): NativeBackend {
  return tf.backend() as ReturnType<Tf['backend']> & NativeBackend;
}

/** Runs an op that slides a window over NHWC images. */
export function windowed(
  tf: Tf,
  op: string,
  inputs: readonly Tensor[],
  { kernel, strides, dilations, pads }: Window,
): Tensor4D {
  const backend = nativeBackend(tf);
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  const pair = (name: string, [down, across]: Pair): Attr => ({
    name,
    type: TF_ATTR_INT,
    value: [1, down, across, 1],
  });
  const text = (name: string, value: string): Attr => ({ name, type: TF_ATTR_STRING, value });
  const [top, left, bottom, right] = pads;
  const padded = pads.some((pad) => pad > 0);
  const explicit = {
    name: 'explicit_paddings',
    type: TF_ATTR_INT,
    value: [0, 0, top, bottom, left, right, 0, 0],
  };
  const attrs = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    text('data_format', 'NHWC'),
    pair('strides', strides),
    ...(kernel ? [pair('ksize', kernel)] : []),
    ...(dilations ? [pair('dilations', dilations)] : []),
    text('padding', padded ? 'EXPLICIT' : 'VALID'),
    ...(padded ? [explicit] : []),
  ];
  return backend.executeSingleOutput(op, attrs, inputs) as Tensor4D;
}

// Builds a model from a network file with the functional API of TensorFlow.js, with the layers that its users would choose.
import { defined } from '@isonet/core';
import type * as tfjs from '@tensorflow/tfjs';
import type { NetworkNode, NetworkState } from '../network.ts';
import type { Files } from './serve.ts';
import { Refusal } from './serve.ts';
import type { Window } from './window.ts';
import { LOWEST } from './window.ts';

export type Tf = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type LayersModel = tfjs.LayersModel;
type Symbolic = tfjs.SymbolicTensor;
type Layer = tfjs.layers.Layer;

/** Builds the model. @param weightDecay implemented as a penalty with the same gradient */
export function layersModel(tf: Tf, files: Files, weightDecay: number): LayersModel {
  return new ModelBuilder(tf, files, weightDecay).build();
}

class ModelBuilder {
  readonly #tf: Tf;
  readonly #files: Files;
  readonly #weightDecay: number;
  readonly #values = new Map<number, Symbolic>();
  readonly #state: ReadonlyMap<number, NetworkState>;
  /** Functions that set the weights of the layers once the model is built. */
  readonly #loads: (() => void)[] = [];

  constructor(tf: Tf, files: Files, weightDecay: number) {
    this.#tf = tf;
    this.#files = files;
    this.#weightDecay = weightDecay;
    this.#state = new Map(files.network.state.map((entry) => [entry.value, entry]));
  }

  build(): LayersModel {
    const { network, images } = this.#files;
    const [, c, h, w] = images.shape;
    const inputs = this.#tf.input({ shape: [h, w, c].map((dim) => dim ?? null) });
    this.#values.set(network.input, inputs);
    const done = new Set<NetworkNode>();
    for (const node of network.nodes) {
      if (done.has(node)) continue;
      const activation = node.op === 'conv2d' ? this.#activationOf(node) : undefined;
      if (activation) done.add(activation);
      const x = node.inputs.flatMap((value) => this.#values.get(value) ?? []);
      this.#values.set((activation ?? node).output, this.#apply(node, x, activation !== undefined));
    }
    const outputs = defined(this.#values.get(network.output), 'the logits');
    const model = this.#tf.model({ inputs, outputs });
    for (const load of this.#loads) load();
    return model;
  }

  /** Returns the ReLU that is the only reader of a convolution: users write it as the activation of the convolution. */
  #activationOf(node: NetworkNode): NetworkNode | undefined {
    const readers = this.#files.network.nodes.filter(({ inputs }) => inputs.includes(node.output));
    const [reader] = readers;
    return readers.length === 1 && reader?.op === 'relu' && node.output !== this.#files.network.output
      ? reader
      : undefined;
  }

  #apply(node: NetworkNode, values: readonly Symbolic[], activated: boolean): Symbolic {
    const { op, attrs } = node;
    const { layers } = this.#tf;
    const [x] = values;
    if (!x || values.length + this.#ownedBy(node).length !== node.inputs.length) throw refuse(node);
    switch (op) {
      case 'conv2d':
        return this.#convolution(node, x, activated);
      case 'maxPool2d':
      case 'avgPool2d':
        return this.#pool(node, x);
      case 'batchNorm': {
        const { epsilon, momentum } = attrs as { readonly epsilon: number; readonly momentum: number };
        return this.#with(layers.batchNormalization({ axis: -1, epsilon, momentum }), node, x);
      }
      case 'dense': {
        const [units] = this.#shapeOf(node, 1);
        const layer = layers.dense({ units: defined(units, 'units'), ...this.#decay(node) });
        return this.#with(layer, node, x, (w) => this.#tf.transpose(w));
      }
      case 'globalAvgPool2d': {
        const mean = apply(layers.globalAveragePooling2d({}), x);
        return apply(
          layers.reshape({ targetShape: [1, 1, defined(x.shape.at(-1), 'channels') as number] }),
          mean,
        );
      }
      case 'reshape':
        return this.#reshape(node, x);
      case 'concat':
        if (attrs['axis'] !== 1) throw refuse(node);
        return layers.concatenate({ axis: -1 }).apply([...values]) as Symbolic;
      case 'add':
        return layers.add().apply([...values]) as Symbolic;
      case 'mul':
        return layers.multiply().apply([...values]) as Symbolic;
      case 'dropout':
        return apply(layers.dropout({ rate: attrs['rate'] as number }), x);
      case 'leakyRelu':
        return apply(layers.leakyReLU({ alpha: attrs['alpha'] as number }), x);
      case 'relu':
      case 'sigmoid':
      case 'tanh':
        return apply(layers.activation({ activation: op }), x);
      default:
        throw refuse(node);
    }
  }

  #convolution(node: NetworkNode, x: Symbolic, activated: boolean): Symbolic {
    const { groups, dilations, ...rest } = node.attrs as {
      readonly groups: number;
      readonly dilations: [number, number];
    } & Omit<Window, 'kernel'>;
    if (groups !== 1) throw refuse(node);
    const [filters, , kh, kw] = this.#shapeOf(node, 1);
    if (filters === undefined || kh === undefined || kw === undefined) throw refuse(node);
    const reach: [number, number] = [(kh - 1) * dilations[0] + 1, (kw - 1) * dilations[1] + 1];
    const { padding, padded } = this.#padded(x, { ...rest, kernel: reach }, 0);
    const layer = this.#tf.layers.conv2d({
      filters,
      kernelSize: [kh, kw],
      strides: pairOf(rest.strides),
      dilationRate: dilations,
      padding,
      useBias: node.inputs.length === 3,
      ...(activated ? { activation: 'relu' as const } : {}),
      ...this.#decay(node),
    });
    return this.#with(layer, node, padded, (w) => this.#tf.transpose(w, [2, 3, 1, 0]));
  }

  #pool(node: NetworkNode, x: Symbolic): Symbolic {
    const window = node.attrs as Window & { readonly countPadding: boolean };
    const { kernel, strides, pads, countPadding } = window;
    const average = node.op === 'avgPool2d';
    const { padding, padded } = this.#padded(x, window, average ? 0 : LOWEST);
    // A mean never counts the padding of the pooling layer, and always counts that of a separate padding layer.
    const counts = padding === 'valid';
    if (average && pads.some((pad) => pad > 0) && counts !== countPadding) throw refuse(node);
    const settings = { poolSize: pairOf(kernel), strides: pairOf(strides), padding };
    const { averagePooling2d, maxPooling2d } = this.#tf.layers;
    return apply(average ? averagePooling2d(settings) : maxPooling2d(settings), padded);
  }

  /** Chooses `same` if it has the required padding, else `valid` on a padded input. */
  #padded(
    x: Symbolic,
    { kernel, strides, pads }: Window,
    value: number,
  ): { readonly padding: 'same' | 'valid'; readonly padded: Symbolic } {
    const [top, left, bottom, right] = pads;
    if (pads.every((pad) => pad === 0)) return { padding: 'valid', padded: x };
    const [, h, w] = x.shape;
    const rows = samePads(defined(h ?? undefined, 'the height'), kernel[0], strides[0]);
    const columns = samePads(defined(w ?? undefined, 'the width'), kernel[1], strides[1]);
    const isSame = rows[0] === top && rows[1] === bottom && columns[0] === left && columns[1] === right;
    if (isSame) return { padding: 'same', padded: x };
    const border: [[number, number], [number, number]] = [
      [top, bottom],
      [left, right],
    ];
    const layer =
      value === 0 ? this.#tf.layers.zeroPadding2d({ padding: border }) : this.#border(border, value);
    return { padding: 'valid', padded: apply(layer, x) };
  }

  /** Creates a layer that pads with a value. The library can only pad with zeros, which exceed negative values in a maximum. */
  #border(border: [[number, number], [number, number]], value: number): Layer {
    const tf = this.#tf;
    const [[top, bottom], [left, right]] = border;
    class Border extends tf.layers.Layer {
      static readonly className = 'Border';
      override call(inputs: Tensor | Tensor[]): Tensor {
        const x = Array.isArray(inputs) ? inputs[0] : inputs;
        return tf.pad(defined(x, 'an input'), [[0, 0], ...border, [0, 0]], value);
      }
      override computeOutputShape(shape: tfjs.Shape | tfjs.Shape[]): tfjs.Shape {
        const [n = null, h = null, w = null, c = null] = shape as tfjs.Shape;
        return [n, Number(h) + top + bottom, Number(w) + left + right, c];
      }
    }
    return new Border({});
  }

  /** Flattens in the order `[N, C, H, W]`, which the weights of a dense layer expect. */
  #reshape(node: NetworkNode, x: Symbolic): Symbolic {
    const { shape } = node.attrs as { readonly shape: readonly number[] };
    const [batch, ...rest] = shape;
    const { layers } = this.#tf;
    if (batch !== -1 || rest.length !== 1 || x.shape.length !== 4) throw refuse(node);
    const [, h, w] = x.shape;
    const inOrder = h === 1 && w === 1 ? x : apply(layers.permute({ dims: [3, 1, 2] }), x);
    return apply(layers.flatten(), inOrder);
  }

  #decay(node: NetworkNode): { readonly kernelRegularizer?: ReturnType<Tf['regularizers']['l2']> } {
    if (this.#weightDecay === 0 || !this.#stateAt(node, 1).decays) return {};
    return { kernelRegularizer: this.#tf.regularizers.l2({ l2: this.#weightDecay / 2 }) };
  }

  /** Applies a layer, whose weights will be the state of the node in order. @param layOut converts the first weight to the library's layout */
  #with(
    layer: Layer,
    node: NetworkNode,
    x: Symbolic,
    layOut: (weight: Tensor) => Tensor = (w) => w,
  ): Symbolic {
    const y = apply(layer, x);
    this.#loads.push(() => {
      const { tidy, tensor } = this.#tf;
      tidy(() => {
        const state = this.#ownedBy(node).map(({ name, shape }) => {
          const { data } = defined(this.#files.weights[name], `the weight "${name}"`);
          return tensor(data, [...shape]);
        });
        layer.setWeights(state.map((value, i) => (i === 0 ? layOut(value) : value)));
      });
    });
    return y;
  }

  #ownedBy(node: NetworkNode): readonly NetworkState[] {
    return node.inputs.flatMap((value) => this.#state.get(value) ?? []);
  }

  #shapeOf(node: NetworkNode, input: number): readonly number[] {
    return this.#stateAt(node, input).shape;
  }

  #stateAt(node: NetworkNode, input: number): NetworkState {
    const value = node.inputs[input];
    const entry = value === undefined ? undefined : this.#state.get(value);
    if (!entry) throw refuse(node);
    return entry;
  }
}

function apply(layer: Layer, x: Symbolic): Symbolic {
  return layer.apply(x) as Symbolic;
}

function pairOf([a, b]: readonly [number, number]): [number, number] {
  return [a, b];
}

/** Returns the padding before and after that TensorFlow adds for `same`. */
function samePads(size: number, kernel: number, stride: number): readonly [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

function refuse({ op, layer }: NetworkNode): Refusal {
  return new Refusal(`tfjs-layers: no layer for ${op} "${layer}"`);
}

// Padding 'same', and layers built from other convolutions: what they declare, emit and reject.
import type { Graph, Layer, Padding, ParameterSpec, Shape } from '@isonet/core';
import {
  avgPool2d,
  conv2d,
  convTranspose2d,
  depthwiseConv2d,
  GraphBuilder,
  maxPool2d,
  Scope,
  separableConv2d,
  ShapeError,
  upsample2d,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';

interface Built {
  readonly shape: Shape;
  readonly nodes: Graph['nodes'];
  readonly parameters: readonly ParameterSpec[];
}

/** Builds a layer named `l` on images of this shape. */
function built(layer: Layer, images: Shape): Built {
  const b = new GraphBuilder('g');
  const scope = Scope.root(b, { training: false });
  const y = scope.run('l', layer, b.input('images', { dtype: 'float32', shape: images }));
  b.output('y', y);
  return { shape: y.shape, nodes: b.build().nodes, parameters: scope.parameters };
}

const shapeOf = (layer: Layer, images: Shape): Shape => built(layer, images).shape;

/** Returns the attributes of the only node of this op. */
function attrsOf(layer: Layer, images: Shape, op: string): unknown {
  return built(layer, images).nodes.find((node) => node.op === op)?.attrs;
}

describe("padding 'same'", () => {
  // TensorFlow's SAME: size, kernel, stride, dilation -> output, pixels before, pixels after.
  it.each([
    [5, 3, 1, 1, 5, 1, 1],
    [5, 2, 1, 1, 5, 0, 1],
    [6, 4, 1, 1, 6, 1, 2],
    [6, 3, 2, 1, 3, 0, 1],
    [7, 3, 2, 1, 4, 1, 1],
    [224, 7, 2, 1, 112, 2, 3],
    [225, 7, 2, 1, 113, 3, 3],
    [7, 3, 3, 1, 3, 1, 1],
    [8, 3, 3, 1, 3, 0, 1],
    [9, 3, 3, 1, 3, 0, 0],
    [6, 1, 2, 1, 3, 0, 0],
    [7, 1, 3, 1, 3, 0, 0],
    [8, 3, 1, 2, 8, 2, 2],
    [8, 3, 2, 2, 4, 1, 2],
    [9, 3, 2, 2, 5, 2, 2],
    [10, 2, 1, 3, 10, 1, 2],
    [2, 5, 3, 1, 1, 1, 2],
  ])('size %i, kernel %i, stride %i, dilation %i', (size, kernel, stride, dilation, out, before, after) => {
    const layer = conv2d(1, { kernel, stride, dilation, padding: 'same' });
    expect(shapeOf(layer, [1, 1, size, size])).toEqual([1, 1, out, out]);
    expect(attrsOf(layer, [1, 1, size, size], 'conv2d')).toMatchObject({
      pads: [before, before, after, after],
    });
  });

  it('is computed separately for height and width', () => {
    const layer = conv2d(1, { kernel: [2, 5], stride: [1, 2], padding: 'same' });
    expect(attrsOf(layer, [1, 1, 4, 6], 'conv2d')).toMatchObject({ pads: [0, 1, 1, 2] });
  });

  it.each([
    ['maxPool2d', maxPool2d],
    ['avgPool2d', avgPool2d],
  ])('%s supports it', (op, pool) => {
    const layer = pool({ kernel: 3, stride: 2, padding: 'same' });
    expect(shapeOf(layer, [2, 3, 6, 7])).toEqual([2, 3, 3, 4]);
    expect(attrsOf(layer, [2, 3, 6, 7], op)).toMatchObject({ pads: [0, 1, 1, 1] });
  });

  it.each<[string, Layer]>([
    ['conv2d', conv2d(1, { kernel: 3, padding: unknown('valid') })],
    ['maxPool2d', maxPool2d({ kernel: 3, padding: unknown('valid') })],
    ['avgPool2d', avgPool2d({ kernel: 3, padding: unknown('valid') })],
    ['convTranspose2d', convTranspose2d(1, { kernel: 3, padding: unknown('valid') })],
  ])('%s: rejects any other string', (name, layer) => {
    expect(() => built(layer, [1, 1, 8, 8])).toThrow(
      new ShapeError(
        `${name} "l": padding: expected an integer, [vertical, horizontal], [top, left, bottom, right] or 'same', ` +
          'got "valid"; write 0 for no padding',
      ),
    );
  });

  it('rejects three numbers', () => {
    expect(() => built(conv2d(1, { kernel: 3, padding: unknown([1, 2, 3]) }), [1, 1, 8, 8])).toThrow(
      'got [1, 2, 3]',
    );
  });
});

/** Casts any value to a padding, because plain JavaScript may pass anything. */
function unknown(padding: unknown): Padding {
  return padding as Padding;
}

describe('convTranspose2d', () => {
  // The sizes of PyTorch's ConvTranspose2d.
  it.each<[number, Parameters<typeof convTranspose2d>[1], number]>([
    [5, { kernel: 3 }, 7],
    [4, { kernel: 4, stride: 2, padding: 1 }, 8],
    [7, { kernel: 3, stride: 2, padding: 1 }, 13],
    [7, { kernel: 3, stride: 2, padding: 1, outputPadding: 1 }, 14],
    [3, { kernel: 3, stride: 3, outputPadding: 2 }, 11],
    [4, { kernel: 3, stride: 2, padding: 1, outputPadding: 1, dilation: 2 }, 10],
    [4, { kernel: 2, stride: 2 }, 8],
    [4, { kernel: 1, stride: 3 }, 10],
    [5, { kernel: 3, stride: 2, padding: 'same' }, 10],
    [7, { kernel: 5, stride: 3, padding: 'same' }, 21],
    [7, { kernel: 1, stride: 2, padding: 'same' }, 14],
    [6, { kernel: 4, padding: 'same' }, 6],
    [4, { kernel: 3, stride: 2, dilation: 2, padding: 'same' }, 8],
  ])('enlarges %i pixels, with %j, to %i', (size, options, out) => {
    expect(shapeOf(convTranspose2d(6, options), [2, 4, size, size])).toEqual([2, 6, out, out]);
  });

  it("has a weight in PyTorch's layout and a bias per output channel", () => {
    const layer = convTranspose2d(6, { kernel: [3, 2], groups: 2, activation: 'gelu' });
    const { nodes, parameters } = built(layer, [1, 4, 5, 5]);
    expect(parameters).toEqual([
      { name: 'l.w', shape: [4, 3, 3, 2], role: 'weight' },
      { name: 'l.b', shape: [6], role: 'bias' },
    ]);
    expect(nodes.map(({ op }) => op)).toEqual(['conv2dGradInput', 'biasAdd', 'gelu']);
  });

  it('crops each side separately', () => {
    const layer = convTranspose2d(1, { kernel: 3, stride: 2, padding: [2, 0, 1, 1], outputPadding: [1, 0] });
    expect(shapeOf(layer, [1, 1, 4, 4])).toEqual([1, 1, 7, 8]);
  });

  it("with 'same' inverts the geometry of a convolution with 'same'", () => {
    const options = { kernel: [4, 3], stride: [2, 3], padding: 'same' } as const;
    const there = attrsOf(conv2d(1, options), [1, 1, 8, 9], 'conv2d');
    const back = attrsOf(convTranspose2d(1, options), [1, 1, 4, 3], 'conv2dGradInput');
    expect(back).toEqual({ ...(there as object), inputShape: [1, 1, 8, 9] });
  });

  it.each<[string, Layer]>([
    [
      'expected groups to divide 4 input and 6 output channels, got 4; choose a common divisor',
      convTranspose2d(6, { kernel: 3, groups: 4 }),
    ],
    ['groups: expected an integer of at least 1, got 0.5', convTranspose2d(6, { kernel: 3, groups: 0.5 })],
    [
      'stride: expected an integer of at least 1 or [height, width], got 1.5',
      convTranspose2d(6, { kernel: 3, stride: 1.5 }),
    ],
    [
      'kernel: expected an integer of at least 1 or [height, width], got [3, 0]',
      convTranspose2d(6, { kernel: [3, 0] }),
    ],
    [
      'dilation: expected an integer of at least 1 or [height, width], got 0',
      convTranspose2d(6, { kernel: 3, dilation: 0 }),
    ],
    [
      'expected an outputPadding below the stride 2x2, got 2x0',
      convTranspose2d(6, { kernel: 3, stride: 2, outputPadding: [2, 0] }),
    ],
    [
      "expected no outputPadding with padding 'same', which fixes the size, got 1x1; leave it out",
      convTranspose2d(6, { kernel: 3, stride: 2, padding: 'same', outputPadding: 1 }),
    ],
    [
      'expected padding that leaves at least one pixel, got [4, 4, 4, 4] and an output of -1x-1; reduce it',
      convTranspose2d(6, { kernel: 3, padding: 4 }),
    ],
  ])('%s', (message, layer) => {
    expect(() => built(layer, [1, 4, 5, 5])).toThrow(new ShapeError(`convTranspose2d "l": ${message}`));
  });
});

describe('depthwiseConv2d', () => {
  it('convolves each channel with its own filters', () => {
    const layer = depthwiseConv2d({
      kernel: 3,
      stride: 2,
      multiplier: 2,
      padding: 'same',
      activation: 'silu',
    });
    const { nodes, parameters, shape } = built(layer, [1, 5, 8, 8]);
    expect(shape).toEqual([1, 10, 4, 4]);
    expect(nodes.map(({ op }) => op)).toEqual(['conv2d', 'biasAdd', 'silu']);
    expect(nodes[0]?.attrs).toMatchObject({ groups: 5, strides: [2, 2], pads: [0, 0, 1, 1] });
    expect(parameters).toEqual([
      { name: 'l.w', shape: [10, 1, 3, 3], role: 'weight' },
      { name: 'l.b', shape: [10], role: 'bias' },
    ]);
  });
});

describe('a multiplier', () => {
  it.each([0, 1.5])('of %f is rejected', (multiplier) => {
    expect(() => built(depthwiseConv2d({ kernel: 1, multiplier }), [1, 5, 8, 8])).toThrow(
      new ShapeError(`depthwiseConv2d "l": multiplier: expected an integer of at least 1, got ${multiplier}`),
    );
  });
});

describe('separableConv2d', () => {
  it('has a depthwise step without bias and a pointwise step with bias and activation', () => {
    const layer = separableConv2d(7, { kernel: 3, stride: 2, dilation: 2, padding: 1, activation: 'relu' });
    const { nodes, parameters, shape } = built(layer, [1, 5, 9, 9]);
    expect(shape).toEqual([1, 7, 4, 4]);
    expect(nodes.map(({ op, origin }) => `${origin.layer}: ${op}`)).toEqual([
      'l.depthwise: conv2d',
      'l.pointwise: conv2d',
      'l.pointwise: biasAdd',
      'l.pointwise: relu',
    ]);
    expect(nodes[0]?.attrs).toEqual({ strides: [2, 2], pads: [1, 1, 1, 1], dilations: [2, 2], groups: 5 });
    expect(nodes[1]?.attrs).toEqual({ strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 });
    expect(parameters.map(({ name, shape: dims }) => `${name} ${dims.join('x')}`)).toEqual([
      'l.depthwise.w 5x1x3x3',
      'l.pointwise.w 7x5x1x1',
      'l.pointwise.b 7',
    ]);
  });

  it("supports MobileNet's batch norm and ReLU between the steps", () => {
    const end = { batchNorm: true, activation: 'relu' } as const;
    const { nodes } = built(
      separableConv2d(7, { kernel: 3, multiplier: 2, between: end, ...end }),
      [1, 5, 9, 9],
    );
    const step = ['conv2d', 'batchNormInference', 'relu'];
    expect(nodes.map(({ op }) => op)).toEqual([...step, ...step]);
  });
});

describe('upsample2d', () => {
  it('multiplies height and width', () => {
    expect(shapeOf(upsample2d(2), [2, 3, 4, 5])).toEqual([2, 3, 8, 10]);
    expect(shapeOf(upsample2d([1, 3]), [2, 3, 4, 5])).toEqual([2, 3, 4, 15]);
  });

  it('rejects a factor that is not an integer', () => {
    expect(() => built(upsample2d(1.5), [2, 3, 4, 5])).toThrow(
      new ShapeError('upsample2d "l": factor: expected an integer of at least 1 or [height, width], got 1.5'),
    );
  });
});

// Invalid calls to layers from plain JavaScript: each is reported in one line that names the layer.
import type { Layer } from '@isonet/core';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  forward,
  gelu,
  globalAvgPool2d,
  GraphBuilder,
  groupNorm,
  hardSigmoid,
  layerNorm,
  leakyRelu,
  localResponseNorm,
  maxPool2d,
  parallel,
  prelu,
  relu,
  Scope,
  separableConv2d,
  sequential,
  ShapeError,
  sigmoid,
  silu,
  stateOf,
  tanh,
  upsample2d,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';

/** Calls a function without type checks. */
function untyped(make: (...given: never[]) => Layer, ...given: unknown[]): Layer {
  return (make as (...any: unknown[]) => Layer)(...given);
}

/** Casts any value to a layer. */
function layerOf(thing: unknown): Layer {
  return thing as Layer;
}

/** Builds a network for images [4, 6, 6] with this layer as `c1`. */
function build(layer: Layer): void {
  const b = new GraphBuilder('g');
  const x = b.input('images', { dtype: 'float32', shape: [2, 4, 6, 6] });
  Scope.root(b, { training: false }).run('c1', layer, x);
}

const SIZE = 'an integer of at least 1 or [height, width]';
const WHOLE = 'an integer of at least 1';
const PADDING = "an integer, [vertical, horizontal], [top, left, bottom, right] or 'same'";
const ACTIVATION = 'one of gelu, relu, sigmoid, silu, tanh';
const NO_OTHER = 'add any other activation as a separate layer';
const CONV2D = 'kernel, stride, padding, dilation, bias, batchNorm, activation, groups';
const DEPTHWISE = 'kernel, stride, padding, dilation, bias, batchNorm, activation, multiplier';

type Make = (...given: never[]) => Layer;

describe('a wrong call', () => {
  it.each<[make: Make, given: readonly unknown[], message: string]>([
    [
      conv2d,
      [8, { kernl: 3 }],
      `kernel: expected ${SIZE}, got nothing; unknown option "kernl", did you mean kernel?`,
    ],
    [conv2d, [3], `kernel: expected ${SIZE}, got nothing`],
    [conv2d, ['3', { kernel: 3 }], `channels: expected ${WHOLE}, got "3"`],
    [conv2d, [], `channels: expected ${WHOLE}, got nothing; kernel: expected ${SIZE}, got nothing`],
    [conv2d, [8, 3], `options: expected an object (${CONV2D}), got 3`],
    [conv2d, [8, null], `options: expected an object (${CONV2D}), got null`],
    [conv2d, [8, [3, 3]], `options: expected an object (${CONV2D}), got [3, 3]`],
    [
      conv2d,
      [{ filters: 8, kernel: 3 }],
      `channels: expected ${WHOLE}, got an object (filters, kernel); kernel: expected ${SIZE}, got nothing`,
    ],
    [conv2d, [8, { kernel: '3' }], `kernel: expected ${SIZE}, got "3"`],
    [conv2d, [8, { kernel: [3] }], `kernel: expected ${SIZE}, got [3]`],
    [conv2d, [8, { kernel: 3, stride: null }], `stride: expected ${SIZE}, got null`],
    [conv2d, [8, { kernel: 3, stride: [1, '2'] }], `stride: expected ${SIZE}, got [1, "2"]`],
    [conv2d, [8, { kernel: 3, dilation: 0 }], `dilation: expected ${SIZE}, got 0`],
    [conv2d, [8, { kernel: 3, groups: 1.5 }], `groups: expected ${WHOLE}, got 1.5`],
    [
      conv2d,
      [8, { kernel: 3, padding: [1, 2, 3] }],
      `padding: expected ${PADDING}, got [1, 2, 3]; write 0 for no padding`,
    ],
    [conv2d, [8, { kernel: 3, padding: -1 }], `padding: expected ${PADDING}, got -1; write 0 for no padding`],
    [
      conv2d,
      [8, { kernel: 3, padding: 'valid' }],
      `padding: expected ${PADDING}, got "valid"; write 0 for no padding`,
    ],
    [
      conv2d,
      [8, { kernel: 3, activation: 'toString' }],
      `activation: expected ${ACTIVATION}, got "toString"; ${NO_OTHER}`,
    ],
    [
      conv2d,
      [8, { kernel: 3, activation: relu }],
      `activation: expected ${ACTIVATION}, got a function; ${NO_OTHER}`,
    ],
    [conv2d, [8, { kernel: 3, bias: 0 }], 'bias: expected true or false, got 0'],
    [conv2d, [8, { kernel: 3, batchNorm: batchNorm() }], 'batchNorm: expected true or false, got a function'],
    [
      conv2d,
      [8, { kernel: 3, strides: 2, pad: 1 }],
      'unknown option "strides", did you mean stride?; unknown option "pad", did you mean padding?',
    ],
    [
      convTranspose2d,
      [8, { kernel: 3, outputPadding: -1 }],
      'outputPadding: expected a non-negative integer or [height, width], got -1',
    ],
    [convTranspose2d, [8, { kernel: 3, output: 1 }], 'unknown option "output", did you mean outputPadding?'],
    [depthwiseConv2d, [], `kernel: expected ${SIZE}, got nothing`],
    [depthwiseConv2d, [{ kernel: 3, groups: 2 }], `unknown option "groups", known: ${DEPTHWISE}`],
    [separableConv2d, [8], `kernel: expected ${SIZE}, got nothing`],
    [
      separableConv2d,
      [8, { kernel: 3, between: 'relu' }],
      'between: expected an object (bias, batchNorm, activation), got "relu"',
    ],
    [
      separableConv2d,
      [8, { kernel: 3, between: { norm: true } }],
      'between: unknown option "norm", known: bias, batchNorm, activation',
    ],
    [maxPool2d, [], `kernel: expected ${SIZE}, got nothing`],
    [maxPool2d, [{}], `kernel: expected ${SIZE}, got nothing`],
    [maxPool2d, [2], 'options: expected an object (kernel, stride, padding), got 2'],
    [maxPool2d, [{ kernel: 2, stride: 0 }], `stride: expected ${SIZE}, got 0`],
    [avgPool2d, [{ kernel: 2, countPadding: 'no' }], 'countPadding: expected true or false, got "no"'],
    [dense, [], `units: expected ${WHOLE}, got nothing`],
    [dense, [0], `units: expected ${WHOLE}, got 0`],
    [dense, [784, 10], 'options: expected an object (activation), got 10'],
    [dense, [10, { activation: 'relu6' }], `activation: expected ${ACTIVATION}, got "relu6"; ${NO_OTHER}`],
    [dropout, [], 'rate: expected a number of at least 0 and below 1, got nothing'],
    [dropout, ['0.5'], 'rate: expected a number of at least 0 and below 1, got "0.5"'],
    [dropout, [{ rate: 0.5 }], 'rate: expected a number of at least 0 and below 1, got an object (rate)'],
    [upsample2d, [], `factor: expected ${SIZE}, got nothing`],
    [batchNorm, [{ eps: 1e-3 }], 'unknown option "eps", did you mean epsilon?'],
    [batchNorm, [{ epsilon: '1e-3' }], 'epsilon: expected a number of at least 0, got "1e-3"'],
    [batchNorm, [{ momentum: 2 }], 'momentum: expected a number from 0 to 1, got 2'],
    [groupNorm, [], `groups: expected ${WHOLE}, got nothing`],
    [groupNorm, [2, 1e-3], 'options: expected an object (epsilon), got 0.001'],
    [layerNorm, [{ epsilon: -1 }], 'epsilon: expected a number of at least 0, got -1'],
    [localResponseNorm, [{ size: 0 }], `size: expected ${WHOLE}, got 0`],
    [localResponseNorm, [{ k: 2 }], 'unknown option "k", known: size, alpha, beta, bias'],
    [leakyRelu, [{ alpha: 0.1 }], 'alpha: expected a number, got an object (alpha)'],
    [hardSigmoid, [0.2, NaN], 'beta: expected a number, got NaN'],
    [gelu, [{ approximate: 'tanh' }], 'approximate: expected true or false, got "tanh"'],
    [
      sequential,
      [[flatten(), dense(10)]],
      'expected an object of named layers, such as { c1: conv2d(...) }, got a list',
    ],
    [sequential, [], 'expected an object of named layers, such as { c1: conv2d(...) }, got nothing'],
    [
      sequential,
      [flatten(), dense(10)],
      'expected an object of named layers, such as { c1: conv2d(...) }, got a function',
    ],
    [
      sequential,
      [{ a: flatten(), 1: dense(10) }],
      'expected layer names that are not integers, which JavaScript lists first, got "1"; start it with a letter, such as l1',
    ],
    [
      sequential,
      [{ 'a.b': flatten() }],
      'expected non-empty layer names without dots, which separate parameter names (c1.w), got "a.b"',
    ],
    [
      parallel,
      [{ '': relu() }],
      'expected non-empty layer names without dots, which separate parameter names (c1.w), got ""',
    ],
    [relu, [0.1], 'expected no argument, got 0.1; use leakyRelu(alpha) for a slope'],
    [prelu, [0.25], 'expected no argument, got 0.25; its slopes are learned'],
    [sigmoid, [{}], 'expected no argument, got an object'],
    [tanh, [undefined, 1], 'expected no argument, got nothing, 1'],
    [silu, [1], 'expected no argument, got 1'],
    [flatten, [1], 'expected no argument, got 1'],
    [globalAvgPool2d, [2], 'expected no argument, got 2'],
    [parallel, [[relu()]], 'expected an object of named layers, such as { c1: conv2d(...) }, got a list'],
    [
      parallel,
      [{ 0: relu() }],
      'expected layer names that are not integers, which JavaScript lists first, got "0"; start it with a letter, such as l0',
    ],
  ])('%o, %j', (make, given, message) => {
    expect(() => build(untyped(make, ...given))).toThrow(new ShapeError(`${make.name} "c1": ${message}`));
  });
});

describe('a value that is not a layer', () => {
  it.each<[what: string, thing: unknown, message: string]>([
    ['nothing', undefined, 'expected a layer, (scope, x) => y, got nothing'],
    ['an object', { kernel: 3 }, 'expected a layer, (scope, x) => y, got an object (kernel)'],
    [
      'the function that creates a layer',
      relu,
      'expected it to return a value of the graph, got a function; call the function that creates the layer: relu(), not relu',
    ],
    [
      'a function without a result',
      () => undefined,
      'expected it to return a value of the graph, got nothing',
    ],
    ['a promise', async () => Promise.resolve(), 'expected it to return a value of the graph, got a promise'],
  ])('%s', (_, thing, message) => {
    const layer = layerOf(thing);
    expect(() => build(sequential({ a: flatten(), b: layer }))).toThrow(
      new ShapeError(`layer "c1.b": ${message}`),
    );
    expect(() => build(parallel({ b: layer }))).toThrow(new ShapeError(`layer "c1.b": ${message}`));
    const model = {
      name: 'm',
      input: { name: 'images', shape: [4, 6, 6] },
      output: { name: 'logits', shape: [10] },
      layer,
    };
    expect(() => forward(model, 1)).toThrow(new ShapeError(`the network: ${message}`));
    expect(() => stateOf(model)).toThrow(new ShapeError(`the network: ${message}`));
  });
});

it('a call accepts options that are present but undefined', () => {
  const options = { kernel: 3, stride: undefined, kernl: undefined };
  expect(() => build(untyped(conv2d, 8, options))).not.toThrow();
  expect(() => build(untyped(batchNorm, undefined))).not.toThrow();
});

// Checks the shapes of every layer, which match PyTorch's for the same networks, and the parameter counts.
import type { Model } from '@isonet/core';
import { forward, gradients, parameterCount, stateOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { googlenet, googlenetImageNet, nin, nin224, ninCifar10 } from '../src/index.ts';

/** Returns a line such as `nin1.c1 1x24x26x26` for each layer, for one image. */
function shapesOf(model: Model): string[] {
  return forward(model, 1).layers.map(({ path, shape }) => `${path} ${shape.join('x')}`);
}

/** Returns the line `path 1xCxSxS` of a layer with square images. */
const square = (path: string, channels: number, size: number): string =>
  `${path} 1x${channels}x${size}x${size}`;

describe('the number of parameters', () => {
  it.each<[name: string, model: Model, evaluated: number, trained: number]>([
    ['nin', nin(), 149_542, 149_542],
    ['nin224', nin224(), 1_992_166, 1_992_166],
    ['ninCifar10', ninCifar10(), 966_986, 966_986],
    ['googlenet', googlenet(), 5_977_530, 5_977_530],
    ['googlenet at 28', googlenet({ size: 28 }), 5_977_530, 5_977_530],
    ['googlenetImageNet, with auxiliary branches in training', googlenetImageNet(), 6_998_552, 13_378_280],
  ])('%s', (_, model, evaluated, trained) => {
    expect(parameterCount(forward(model, 1).parameters)).toBe(evaluated);
    expect(parameterCount(stateOf(model).parameters)).toBe(trained);
  });

  // A scale and a bias replace the bias of each convolution.
  it('grows by one per channel with batch norm, plus two running statistics', () => {
    const [plain, normalized] = [stateOf(googlenet()), stateOf(googlenet({ batchNorm: true }))];
    const biases = plain.parameters.filter(({ name }) => name.endsWith('.b') && name !== 'fc.b');
    const channels = parameterCount(biases);
    expect(parameterCount(normalized.parameters)).toBe(5_977_530 + channels);
    expect(normalized.buffers.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)).toBe(2 * channels);
  });
});

describe('nin', () => {
  it('has the shapes that the book prints', () => {
    expect(shapesOf(nin()).filter((line) => !line.includes('.'))).toEqual([
      'nin1 1x24x26x26',
      'pool1 1x24x25x25',
      'nin2 1x64x14x14',
      'pool2 1x64x13x13',
      'nin3 1x96x6x6',
      'pool3 1x96x2x2',
      'dropout 1x96x2x2',
      'nin4 1x10x2x2',
      'gap 1x10x1x1',
      'flatten 1x10',
    ]);
  });

  it('has the shapes of AlexNet at 224x224', () => {
    expect(shapesOf(nin224()).filter((line) => !line.includes('.'))).toEqual([
      'nin1 1x96x54x54',
      'pool1 1x96x26x26',
      'nin2 1x256x26x26',
      'pool2 1x256x12x12',
      'nin3 1x384x12x12',
      'pool3 1x384x5x5',
      'dropout 1x384x5x5',
      'nin4 1x10x5x5',
      'gap 1x10x1x1',
      'flatten 1x10',
    ]);
  });

  // Pooling sizes round up: 32 -> 16 -> 8.
  it("has the paper's shapes for CIFAR-10", () => {
    expect(shapesOf(ninCifar10()).filter((line) => /^(nin|pool)/.test(line))).toEqual([
      'nin1.c1 1x192x32x32',
      'nin1.c2 1x160x32x32',
      'nin1.c3 1x96x32x32',
      'nin1 1x96x32x32',
      'pool1 1x96x16x16',
      'nin2.c1 1x192x16x16',
      'nin2.c2 1x192x16x16',
      'nin2.c3 1x192x16x16',
      'nin2 1x192x16x16',
      'pool2 1x192x8x8',
      'nin3.c1 1x192x8x8',
      'nin3.c2 1x192x8x8',
      'nin3.c3 1x10x8x8',
      'nin3 1x10x8x8',
    ]);
  });
});

describe('googlenet', () => {
  /** The channels of p1, p2a, p2b, p3a, p3b and p4, and of the joined result. */
  type Block = readonly [
    path: string,
    p1: number,
    p2a: number,
    p2b: number,
    p3a: number,
    p3b: number,
    p4: number,
    all: number,
  ];
  const b3: readonly Block[] = [
    ['b3.inc1', 64, 96, 128, 16, 32, 32, 256],
    ['b3.inc2', 128, 128, 192, 32, 96, 64, 480],
  ];
  const b4: readonly Block[] = [
    ['b4.inc1', 192, 96, 208, 16, 48, 64, 512],
    ['b4.inc2', 160, 112, 224, 24, 64, 64, 512],
    ['b4.inc3', 128, 128, 256, 24, 64, 64, 512],
    ['b4.inc4', 112, 144, 288, 32, 64, 64, 528],
    ['b4.inc5', 256, 160, 320, 32, 128, 128, 832],
  ];
  const b5: readonly Block[] = [
    ['b5.inc1', 256, 160, 320, 32, 128, 128, 832],
    ['b5.inc2', 384, 192, 384, 48, 128, 128, 1024],
  ];

  function inceptions(blocks: readonly Block[], channels: number, size: number): string[] {
    let before = channels;
    return blocks.flatMap(([path, p1, p2a, p2b, p3a, p3b, p4, all]) => {
      const paths = Object.entries({ p1, p2a, p2b, p3a, p3b, pool: before, p4 });
      before = all;
      return [...paths.map(([name, c]) => square(`${path}.${name}`, c, size)), square(path, all, size)];
    });
  }

  it.each([
    [96, [48, 24, 12, 6, 3]],
    [28, [14, 7, 4, 2, 1]],
  ] as const)("has the book's shapes at %i", (size, [conv1, pool1, pool2, pool3, pool4]) => {
    expect(shapesOf(googlenet({ size }))).toEqual([
      square('b1.conv', 64, conv1),
      square('b1.pool', 64, pool1),
      square('b1', 64, pool1),
      square('b2.conv1', 64, pool1),
      square('b2.conv2', 192, pool1),
      square('b2.pool', 192, pool2),
      square('b2', 192, pool2),
      ...inceptions(b3, 192, pool2),
      square('b3.pool', 480, pool3),
      square('b3', 480, pool3),
      ...inceptions(b4, 480, pool3),
      square('b4.pool', 832, pool4),
      square('b4', 832, pool4),
      ...inceptions(b5, 832, pool4),
      square('b5.gap', 1024, 1),
      square('b5', 1024, 1),
      'flatten 1x1024',
      'fc 1x10',
    ]);
  });

  it("has the paper's shapes at 224, with pooling sizes rounded up", () => {
    const outer = /^(b1\.conv|b1|b2\.conv\d|b2|b3|b4|b5\.inc2|b5|dropout|fc) /;
    expect(shapesOf(googlenetImageNet()).filter((line) => outer.test(line))).toEqual([
      'b1.conv 1x64x112x112',
      'b1 1x64x56x56',
      'b2.conv1 1x64x56x56',
      'b2.conv2 1x192x56x56',
      'b2 1x192x28x28',
      'b3 1x480x14x14',
      'b4 1x832x7x7',
      'b5.inc2 1x1024x7x7',
      'b5 1x1024x1x1',
      'dropout 1x1024',
      'fc 1x1000',
    ]);
  });

  it('has two auxiliary branches in training and none in inference', () => {
    const model = googlenetImageNet();
    const names = stateOf(model).parameters.map(({ name }) => name);
    expect(names.filter((name) => name.includes('aux')).map((name) => name.replace('b4.', ''))).toEqual(
      ['aux1', 'aux2'].flatMap((aux) =>
        ['conv.w', 'conv.b', 'fc1.w', 'fc1.b', 'fc2.w', 'fc2.b'].map((name) => `${aux}.${name}`),
      ),
    );
    expect(forward(model, 1).parameters.some(({ name }) => name.includes('aux'))).toBe(false);
    const losses = gradients(model, 1).nodes.filter(({ op }) => op === 'softmaxCrossEntropy');
    expect(losses).toHaveLength(3);
  });
});

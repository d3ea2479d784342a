// Tests of kernels that the conformance suite does not cover: layouts, repeated values, and integers with more bits than a float32.
import type { Tensor, Value } from '@isonet/core';
import { float32, GraphBuilder, int32 } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { tfjs } from '../src/index.ts';

type Feeds = Readonly<Record<string, Tensor>>;
type Build = (b: GraphBuilder, values: Readonly<Record<string, Value>>) => Value;

async function computed(id: 'wasm' | 'cpu', feeds: Feeds, build: Build): Promise<Tensor | undefined> {
  const b = new GraphBuilder('kernel');
  const inputs = Object.entries(feeds).map(([name, type]) => [name, b.input(name, type)] as const);
  b.output('y', build(b, Object.fromEntries(inputs)));
  const device = await tfjs.open({ device: id });
  await using state = await device.createState({});
  await using program = await device.compile(b.build());
  return (await program.run(state, feeds).read())['y'];
}

describe.each(['wasm', 'cpu'] as const)('kernels on %s', (id) => {
  it('round integers that are cast to float32', async () => {
    const distance: Build = (b, { x }) => b.op.sub(b.op.cast(x!, { to: 'float32' }), b.fill(2 ** 24, [2]));
    expect(await computed(id, { x: int32([2], [2 ** 24 + 1, 2 ** 24 + 2]) }, distance)).toEqual(
      float32([2], [0, 2]),
    );
  });

  it('propagate NaN from either operand of min', async () => {
    const feeds = { x: float32([3], [NaN, 1, 1]), y: float32([3], [1, NaN, 2]) };
    expect(await computed(id, feeds, (b, { x, y }) => b.op.min(x!, y!))).toEqual(float32([3], [NaN, NaN, 1]));
  });

  it('gather entries next to NaN and infinities, and zeros for indices out of range', async () => {
    const x = float32([2, 3], [NaN, 1, Infinity, 2, -Infinity, 3]);
    const pick: Build = (b, values) => b.op.gather(values['x']!, values['indices']!, { axis: 1 });
    expect(await computed(id, { x, indices: int32([2], [1, 2]) }, pick)).toEqual(
      float32([2, 2], [1, Infinity, -Infinity, 3]),
    );
    expect(await computed(id, { x, indices: int32([3], [-1, 1, 3]) }, pick)).toEqual(
      float32([2, 3], [0, 1, 0, 0, -Infinity, 0]),
    );
  });

  it('transpose the result of a convolution, which is in another layout', async () => {
    // A 1x1 convolution with a weight of 1 returns the same image in the library's layout. [1, 1, 2, 3] -> [3, 1, 1, 2]
    const feeds = { x: float32([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]), w: float32([1, 1, 1, 1], [1]) };
    const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
    const moved: Build = (b, { x, w }) =>
      b.op.transpose(b.op.conv2d(x!, w!, attrs), { permutation: [3, 0, 1, 2] });
    expect(await computed(id, feeds, moved)).toEqual(float32([3, 1, 1, 2], [1, 4, 2, 5, 3, 6]));
  });

  it('transpose a repeated value', async () => {
    const moved: Build = (b, { x }) =>
      b.op.transpose(b.op.broadcast(x!, { shape: [2, 3] }), { permutation: [1, 0] });
    expect(await computed(id, { x: float32([1, 3], [1, 2, 3]) }, moved)).toEqual(
      float32([3, 2], [1, 1, 2, 2, 3, 3]),
    );
  });
});

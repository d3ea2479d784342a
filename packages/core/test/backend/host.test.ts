// Tests hostBackend: several outputs, primitives without a kernel, and kernels that return wrong results.
import type { HostKernelTypes, Kernels } from '@isonet/core';
import { float32, GraphBuilder, hostBackend, scalar } from '@isonet/core';
import { expect, it } from 'vitest';

type Table = Partial<Kernels<HostKernelTypes>>;

/** Runs `build` on x = [1, 2, 3] with these kernels, and returns the output `y`. */
async function yOf(kernels: Table, build: (b: GraphBuilder) => void): Promise<unknown> {
  const backend = hostBackend({
    name: 'mine',
    info: { id: 'cpu', kind: 'cpu', text: 'loops' },
    claims: {
      heldAs: 'float32',
      reproducible: true,
      subnormals: true,
      nonFinite: true,
      maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
    },
    runtime: 'mine 1',
    // The table may be incomplete, as in a backend in plain JavaScript.
    kernels: kernels as Kernels<HostKernelTypes>,
  });
  const b = new GraphBuilder('small');
  build(b);
  await using device = await backend.open();
  await using state = await device.createState({ x: float32([3], [1, 2, 3]), lr: scalar(0.1) });
  await using program = await device.compile(b.build());
  const { y } = await program.run(state, {}).read();
  return y?.data;
}

function exp(b: GraphBuilder): void {
  const x = b.state('x', { dtype: 'float32', shape: [3] });
  b.output(
    'y',
    b.within({ layer: 'layer' }, () => b.op.exp(x)),
  );
}

it('rejects an array of the wrong kind or length, and names the node, what it expected and what it got', async () => {
  const message = (got: string): string =>
    `exp "layer": expected its kernel to return Float32Array(3) for float32 [3], got ${got}`;
  for (const [result, got] of [
    [new Float32Array(2), 'Float32Array(2)'],
    [new Float64Array(3), 'Float64Array(3)'],
    [[], 'undefined'],
  ] as const) {
    await expect(yOf({ exp: () => result }, exp)).rejects.toMatchObject({
      code: 'KERNEL',
      message: message(got),
    });
  }
});

it('names a primitive that the table lacks', async () => {
  await expect(yOf({}, exp)).rejects.toThrow('the kernel table lacks the primitive exp; add a kernel');
});

it('runs a composite with several outputs, whose kernel returns a list', async () => {
  const update = (b: GraphBuilder): void => {
    const x = b.state('x', { dtype: 'float32', shape: [3] });
    const [weight, velocity] = b.op.sgdMomentumUpdate(
      x,
      x,
      x,
      b.state('lr', { dtype: 'float32', shape: [] }),
      {
        momentum: 0,
        weightDecay: 0,
        nesterov: false,
      },
    );
    b.output('w', weight);
    b.output('y', velocity);
  };
  const kernels: Table = {
    sgdMomentumUpdate: (_, { inputs: [w, , v] }) => [w.data, v.data.map((one: number) => 2 * one)],
  };
  expect(await yOf(kernels, update)).toEqual(new Float32Array([2, 4, 6]));
});

// A device for the tests of remote backends: two kernels, and graphs whose names select what happens when they run. Its
// reads return its own arrays without copying them, so transferring the arrays would empty its state.
import type { Backend, Node, SyncMemory, Tensor } from '@isonet/core';
import {
  BackendError,
  checkOptions,
  DataError,
  DeviceLostError,
  float32,
  interpreted,
  makeDevice,
} from '@isonet/core';

/** The duration of the graph `slow`. */
export const SLOW_MS = 300;

const kernels: Readonly<Record<string, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  mul: (x, y) => x * y,
};

export const loops: Backend = {
  name: 'loops',
  contract: 2,
  probe: () => Promise.resolve({ ok: true, devices: [{ id: 'cpu', kind: 'cpu', text: 'two loops' }] }),
  open: async (options = {}) => {
    checkOptions('loops', options, ['device', 'threads']);
    let gone: string | undefined;
    let lose: (reason: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    return makeDevice({
      backend: 'loops',
      info: { id: 'cpu', kind: 'cpu', text: 'two loops' },
      numerics: {
        float32: {
          heldAs: 'float32',
          reproducible: true,
          subnormals: true,
          nonFinite: true,
          maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
        },
      },
      runtime: 'loops',
      options,
      memory,
      order: 'queued',
      supports: ({ op }) => Object.hasOwn(kernels, op) || `loops has no ${op}`,
      lost,
      check: () => {
        if (gone !== undefined) throw new DeviceLostError(gone);
      },
      build: ({ graph }) => {
        const loop = interpreted({ graph, memory, compute });
        return {
          ...loop,
          bytes: 64,
          run: async (request) => {
            switch (graph.name) {
              case 'slow':
                await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
                break;
              case 'wrong data':
                throw new DataError('WRONG', 'the data is wrong', { cause: new TypeError('not a number') });
              case 'broken':
                throw new RangeError('out of range', { cause: new BackendError('INNER', 'deep inside') });
              case 'lost':
                gone = 'the driver was reset';
                lose(gone);
                throw new DeviceLostError(gone);
              case 'crash':
                setTimeout(() => {
                  throw new Error('the worker crashed');
                });
                await new Promise(() => {});
                break;
              case 'exit':
                process.exit(3);
            }
            return loop.run(request);
          },
        };
      },
    });
  },
};

const memory: SyncMemory<Tensor> = {
  upload: (tensors) => tensors.map(({ tensor }) => float32(tensor.shape, [...tensor.data])),
  download: (entries) => Object.fromEntries(entries.map(({ name, handle }) => [name, handle])),
};

function compute({ op, inputs }: Node, at: (value: number) => Tensor): readonly Tensor[] {
  const [x, y] = inputs.map(at);
  const kernel = kernels[op];
  if (!x || !y || !kernel) throw new Error(`no kernel of ${op}`);
  return [
    float32(
      x.shape,
      Array.from(x.data, (value, i) => kernel(value, Number(y.data[i]))),
    ),
  ];
}

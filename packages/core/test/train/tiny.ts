// A run small enough for the float64 reference, shared by the training tests.
import type {
  Batch,
  Dataset,
  Device,
  Execution,
  FitOptions,
  Model,
  Program,
  State,
  Tensors,
  TrainerOptions,
} from '@isonet/core';
import {
  conv2d,
  dropout,
  flatten,
  float32,
  globalAvgPool2d,
  he,
  initialize,
  int32,
  oneCycle,
  sequential,
  sgd,
  stateOf,
  streamKey,
  Trainer,
  uniformBlock,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';

export const model: Model = {
  name: 'tiny',
  input: { name: 'images', shape: [1, 6, 6] },
  output: { name: 'logits', shape: [2] },
  layer: sequential({
    c1: conv2d(4, { kernel: 3, activation: 'relu' }),
    drop: dropout(0.25),
    c2: conv2d(2, { kernel: 3 }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};

/** 22 noisy images, bright on the left (class 0) or on the right (class 1). */
export const data = {
  length: 22,
  batch: (indices: Uint32Array): Batch => {
    const pixels = Array.from(indices, (index) =>
      uniformBlock(1, streamKey('pixels'), index, 0, 36).map(
        (u, i) => u + (i % 6 < 3 === (index % 2 === 0) ? 1 : 0),
      ),
    );
    const inputs = float32(
      [indices.length, 1, 6, 6],
      pixels.flatMap((image) => Array.from(image)),
    );
    return {
      inputs,
      labels: int32(
        [indices.length],
        Array.from(indices, (index) => index % 2),
      ),
    };
  },
} satisfies Dataset;

/** Returns the options of a run that learns the noisy images. */
export async function options(changes: Partial<FitOptions> = {}): Promise<FitOptions> {
  return {
    model,
    device: await reference.open(),
    train: data,
    test: data,
    epochs: 20,
    batchSize: 8,
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
    schedule: oneCycle({ peak: 0.2 }),
    initializer: he,
    seed: 3,
    ...changes,
  };
}

/** Returns the first images of the data, in order. */
export function firstImages(count: number): Batch {
  return data.batch(Uint32Array.from({ length: count }, (_, index) => index));
}

/** Wraps a device so that its runs go through `run`. */
export function watched(
  device: Device,
  run: (program: Program, state: State, feeds: Tensors) => Execution,
): Device {
  return {
    info: device.info,
    numerics: device.numerics,
    lost: device.lost,
    createState: (values) => device.createState(values),
    compile: async (graph, compileOptions) => {
      const program = await device.compile(graph, compileOptions);
      return {
        graph: program.graph,
        plan: program.plan,
        run: (state, feeds) => run(program, state, feeds),
        [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
}

/** Creates a trainer of the small model with SGD and momentum, unless `changes` override them. */
export async function trainerOf(changes: Partial<TrainerOptions> = {}): Promise<Trainer> {
  const { model: of = model } = changes;
  const device = await reference.open();
  const values = initialize(stateOf(of).parameters, he, 5);
  const optimizer = sgd({ momentum: 0.9 });
  return Trainer.create({ model: of, device, optimizer, values, seed: 5, ...changes });
}

/** Returns the values of a named tensor, or [] if there is none. */
export function numbers(tensors: Tensors, name: string): number[] {
  return Array.from<number>(tensors[name]?.data ?? []);
}

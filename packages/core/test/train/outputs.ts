// Networks that return their inputs, so that the losses and metrics of a task can be computed from the inputs.
import type { Dataset, Evaluation, Layer, Model, Task, Tensor, Tensors } from '@isonet/core';
import { evaluate, float32, gradients, sgd, Trainer } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { expect } from 'vitest';

/** Creates a network that adds a parameter of the batch's shape to its input. */
export function shifted(n: number, k: number, more: Layer = (_, x) => x): Model {
  return {
    name: 'shifted',
    input: { name: 'x', shape: [k] },
    output: { name: 'y', shape: [k] },
    layer: (scope, x) => more(scope, scope.op.add(x, scope.parameter('shift', [n, k]))),
  };
}

/** Creates a network that adds a bias to its input. */
export function biased(k: number): Model {
  return {
    name: 'biased',
    input: { name: 'x', shape: [k] },
    output: { name: 'y', shape: [k] },
    layer: (scope, x) => scope.op.biasAdd(x, scope.parameter('bias', [k])),
  };
}

/** Creates a network that returns its input. */
export function bare(k: number): Model {
  return {
    name: 'bare',
    input: { name: 'x', shape: [k] },
    output: { name: 'y', shape: [k] },
    layer: (_, x) => x,
  };
}

export function numbers(tensors: Tensors, name: string): number[] {
  return Array.from<number>(tensors[name]?.data ?? []);
}

export interface Measured {
  readonly loss: number;
  /** The gradient of the loss with respect to each output. */
  readonly gradient: readonly number[];
}

/** Returns the mean loss of outputs, and its gradient. */
export async function measured(
  task: Task,
  rows: readonly (readonly number[])[],
  labels: Tensor,
  more?: Layer,
): Promise<Measured> {
  const [n, k] = [rows.length, rows[0]?.length ?? 0];
  const device = await reference.open();
  const { dtype, shape } = labels;
  const graph = gradients(shifted(n, k, more), n, { task, labels: { dtype, shape } });
  const program = await device.compile(graph);
  const state = await device.createState({ shift: float32([n, k]) });
  const outputs = await program.run(state, { x: float32([n, k], rows.flat()), labels }).read();
  return { loss: numbers(outputs, 'loss')[0] ?? NaN, gradient: numbers(outputs, 'grad/shift') };
}

/** Returns the gradient of a loss by central differences. */
export function differences(at: readonly number[], loss: (values: readonly number[]) => number): number[] {
  const h = 1e-6;
  const moved = (i: number, by: number): number => loss(at.map((value, j) => (j === i ? value + by : value)));
  return at.map((_, i) => (moved(i, h) - moved(i, -h)) / (2 * h));
}

export function near(values: readonly number[], digits: number): unknown[] {
  return values.map((value) => expect.closeTo(value, digits) as unknown);
}

export function evaluated(task: Task, k: number, of: Dataset, batchSize = 2): Promise<Evaluation> {
  return reference.open().then(async (device) => {
    const state = await device.createState({});
    return evaluate({ model: bare(k), device, state, data: of, task, batchSize });
  });
}

export async function trainerOf(of: Model, task: Task, microBatchSize?: number): Promise<Trainer> {
  const device = await reference.open();
  const parts = microBatchSize === undefined ? {} : { microBatchSize };
  const values = { bias: float32([...of.output.shape]) };
  return Trainer.create({ model: of, device, task, optimizer: sgd(), values, seed: 1, ...parts });
}

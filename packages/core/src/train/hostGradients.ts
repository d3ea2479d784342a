// Gradients on the host, for custom training loops that add up, clip and apply them.
import { checkGiven } from '../arguments/check.ts';
import type { Form } from '../arguments/forms.ts';
import { listOfObjects, ranges } from '../arguments/forms.ts';
import { asFloat32 } from '../backend/feeds.ts';
import { DataError, defined } from '../errors.ts';
import { float32, sameType } from '../tensor.ts';
import type { Tensor, Tensors } from '../tensor.ts';
import type { Scores } from './task/task.ts';
import { addScores } from './task/task.ts';

/** The position of a batch, which determines its random numbers. */
export interface BatchPosition {
  /** The number of steps before this one, which also selects the dropout masks. */
  readonly step: number;
  /** The position of the batch's first sample within the step, for a partial batch. Default 0. */
  readonly first?: number;
}

/** The gradients and results of one batch: see `Trainer.gradients`. */
export interface Gradients {
  /** The mean loss over the samples. */
  readonly loss: number;
  /** The number of samples. */
  readonly count: number;
  /** The task's metrics over the samples. */
  readonly scores: Scores;
  /** The gradient of the mean loss for each learned parameter, with the parameter's shape. */
  readonly gradients: Tensors;
  /** For each buffer that training updates, its value after the step. */
  readonly buffers: Tensors;
}

/**
 * Combines the gradients of a batch's parts, each weighted by its number of samples: for gradient
 * accumulation, or for shards computed on several devices. Sums in float64 in the order of the parts, so the
 * same parts produce the same bits. Buffers are averaged in the same way.
 * @throws DataError `GRADIENTS` if there are no parts, or they come from different models
 */
export function meanGradients(parts: readonly Gradients[]): Gradients {
  checkGiven('meanGradients', { parts: [listOfObjects('a list of gradients'), parts] });
  const [first] = parts;
  if (!first) throw new DataError('GRADIENTS', 'meanGradients: expected at least one part, got none');
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const mean = (pick: (part: Gradients) => Tensors): Tensors => {
    const names = new Set(parts.flatMap((part) => Object.keys(pick(part))));
    const meanOf = (name: string): Tensor => {
      const tensors = parts.map((part) => tensorOf(pick(part), name));
      return weighted(
        name,
        tensors,
        parts.map((part) => part.count / count),
      );
    };
    return Object.fromEntries(Array.from(names, (name) => [name, meanOf(name)] as const));
  };
  return {
    loss: parts.reduce((sum, part) => sum + part.loss * (part.count / count), 0),
    count,
    scores: parts.map(({ scores }) => scores).reduce((sum, scores) => addScores(sum, scores)),
    gradients: mean((part) => part.gradients),
    buffers: mean((part) => part.buffers),
  };
}

/** Returns the sum of tensors of the same type, each multiplied by its share, computed in float64. */
function weighted(name: string, tensors: readonly Tensor[], shares: readonly number[]): Tensor {
  const first = defined(tensors[0], `the gradient of "${name}"`);
  const total = new Float64Array(first.data.length);
  tensors.forEach((tensor, part) => {
    if (!sameType(tensor, first)) throw mismatch(name);
    const [values, share] = [floats(tensor), defined(shares[part], `the share of part ${part}`)];
    for (let i = 0; i < total.length; i++) total[i]! += values[i]! * share;
  });
  return like(first, total);
}

/** Returns the square root of the sum of all squares, in float64. */
export function gradientNorm({ gradients }: Gradients): number {
  let sum = 0;
  for (const tensor of Object.values(gradients)) for (const value of floats(tensor)) sum += value * value;
  return Math.sqrt(sum);
}

/** Infinity is allowed and means no limit. */
const LIMIT: Form = { text: ranges.above0.text, fits: (value) => typeof value === 'number' && value > 0 };

/**
 * Scales the gradients by `limit / norm` if their norm is above the limit (Pascanu et al. 2013, algorithm 1).
 * @throws DataError `OPTION` unless the limit is above 0
 */
export function clipGradients(all: Gradients, limit: number): Gradients {
  checkGiven('clipGradients', { limit: [LIMIT, limit] });
  const norm = gradientNorm(all);
  if (norm <= limit) return all;
  const scaled = (tensor: Tensor): Tensor =>
    like(
      tensor,
      Float64Array.from(floats(tensor), (value) => value * (limit / norm)),
    );
  const clipped = Object.entries(all.gradients).map(([name, tensor]) => [name, scaled(tensor)] as const);
  return { ...all, gradients: Object.fromEntries(clipped) };
}

/** Returns the values of a float tensor. @throws DataError `TYPE` for other dtypes */
function floats(tensor: Tensor): Float32Array | Float64Array {
  return tensor.dtype === 'float64' ? tensor.data : asFloat32(tensor);
}

/** Returns a tensor of the same type with these values; float64 is kept for devices that compute in it. */
function like({ dtype, shape }: Tensor, values: Float64Array): Tensor {
  return dtype === 'float64' ? { dtype, shape, data: values } : float32(shape, Float32Array.from(values));
}

function tensorOf(tensors: Tensors, name: string): Tensor {
  if (!Object.hasOwn(tensors, name)) throw mismatch(name);
  return defined(tensors[name], `the gradient of "${name}"`);
}

function mismatch(name: string): DataError {
  return new DataError(
    'GRADIENTS',
    `meanGradients: "${name}" is missing or has another type in some parts; pass gradients of one model`,
  );
}

// Gradients on the host: what loops of one's own add up, clip and apply.
import { checkGiven } from '../arguments/check.ts';
import type { Form } from '../arguments/forms.ts';
import { listOfObjects, ranges } from '../arguments/forms.ts';
import { asFloat32 } from '../backend/feeds.ts';
import { DataError, defined } from '../errors.ts';
import { float32, sameType } from '../tensor.ts';
import type { Tensor, Tensors } from '../tensor.ts';
import type { Scores } from './task/task.ts';
import { addScores } from './task/task.ts';

/** Which random numbers a batch sees. */
export interface BatchPosition {
  /** Steps done before this one: the time of the masks. */
  readonly step: number;
  /** The position in its step of the batch's first sample, where it is a part of the step's; default 0. */
  readonly first?: number;
}

/** What one batch says of the parameters: see `Trainer.gradients`. */
export interface Gradients {
  /** The mean over the samples. */
  readonly loss: number;
  /** Number of samples. */
  readonly count: number;
  /** The task's metrics over the samples. */
  readonly scores: Scores;
  /** By parameter that is learned, of its shape: the gradient of the mean loss. */
  readonly gradients: Tensors;
  /** By buffer that training updates: the value that it is to have after the step. */
  readonly buffers: Tensors;
}

/**
 * The gradients of one batch from those of its parts, each weighed by its number of samples: gradient accumulation, or the
 * shards of several devices. Added in float64, in the order of the parts, so that the same parts give the same bits. Buffers
 * are weighed in the same way.
 * @throws DataError `GRADIENTS` when there are no parts, or they are not of one model
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

/** The sum of tensors of one type, each times its share, added up in float64. */
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

/** The square root of the sum of all squares, in float64. */
export function gradientNorm({ gradients }: Gradients): number {
  let sum = 0;
  for (const tensor of Object.values(gradients)) for (const value of floats(tensor)) sum += value * value;
  return Math.sqrt(sum);
}

/** Infinity is right: never. */
const LIMIT: Form = { text: ranges.above0.text, fits: (value) => typeof value === 'number' && value > 0 };

/**
 * The gradients times `limit / norm` where their norm is above the limit (Pascanu et al. 2013, algorithm 1).
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

/** @throws DataError `TYPE` for other dtypes */
function floats(tensor: Tensor): Float32Array | Float64Array {
  return tensor.dtype === 'float64' ? tensor.data : asFloat32(tensor);
}

/** Numbers in the type of a tensor: float64 stays what it is, where a device computes in it. */
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
    `meanGradients: "${name}" is not alike in all parts: are they of one model?`,
  );
}

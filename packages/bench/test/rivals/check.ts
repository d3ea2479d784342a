// What every rival is asked, and what it has to answer: its logits and losses are ours.
import { expect } from 'vitest';
import type { OpenRequest } from '../../src/protocol.ts';
import type { Driver } from './driver.ts';
import type { Problem } from './problem.ts';
import { optimizer } from './problem.ts';

/** The request to open a problem, but for what is given. */
export function openRequest(problem: Problem, given: Partial<OpenRequest> = {}): OpenRequest {
  const rest = { threads: 1, device: null, tf32: false } as const;
  return { do: 'open', work: 'forward', ...problem.files, optimizer, ...rest, ...given };
}

/** Of a rate at which the weights leave float32 within a few steps. */
export const diverging = { ...optimizer, lr: 1e30 };

/** What a rival answered, from open to close. */
export interface Course {
  readonly logits: ArrayLike<number>;
  readonly losses: readonly number[];
  /** After the steps, which must not have changed them. */
  readonly logitsAfter: ArrayLike<number>;
  /** How many products were timed. */
  readonly products: number;
}

/** Opens the problem, makes so many steps or else a forward pass, and closes. */
export async function courseOf(rival: Driver, request: OpenRequest, steps: number): Promise<Course> {
  const { loss } = await rival.get(request);
  const { logits } = await rival.get({ do: 'check' });
  const losses = loss === undefined ? [] : [loss];
  for (let step = 1; step < Math.max(steps, 2); step++) {
    const timed = await rival.get({ do: 'run', count: 1 });
    if (timed.milliseconds.length !== 1) throw new Error('expected the time of one run');
    if (timed.loss !== undefined) losses.push(timed.loss);
  }
  const { logits: logitsAfter } = await rival.get({ do: 'check' });
  const { milliseconds } = await rival.get({ do: 'product', size: 16, count: 3 });
  await rival.get({ do: 'close' });
  return { logits, losses, logitsAfter, products: milliseconds.length };
}

/** The course of a rival that computes what we do: logits within 1e-4, losses within 1e-3 of themselves. */
export function ours({ logits, losses }: Pick<Course, 'logits' | 'losses'>): Course {
  const near = Array.from(logits, (logit) => closeTo(logit, 1e-4));
  return {
    logits: near,
    logitsAfter: near,
    losses: losses.map((loss) => closeTo(loss, loss * 1e-3)),
    products: 3,
  };
}

/** A matcher, which stands where a number does. */
function closeTo(value: number, bound: number): number {
  // It takes digits: a difference of 10^-digits / 2 is the first that it refuses.
  return expect.closeTo(value, -Math.log10(2 * bound)) as number;
}

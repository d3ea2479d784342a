// The requests to every rival, and the expected answers: the same logits and losses as isonet's.
import { expect } from 'vitest';
import type { OpenRequest } from '../../src/protocol.ts';
import type { Driver } from './driver.ts';
import type { Problem } from './problem.ts';
import { optimizer } from './problem.ts';

/** Returns the request to open a problem, with some fields replaced. */
export function openRequest(problem: Problem, given: Partial<OpenRequest> = {}): OpenRequest {
  const rest = { threads: 1, device: null, tf32: false } as const;
  return { do: 'open', work: 'forward', ...problem.files, optimizer, ...rest, ...given };
}

/** SGD with a learning rate at which the weights overflow float32 within a few steps. */
export const diverging = { ...optimizer, lr: 1e30 };

/** The answers of a rival, from open to close. */
export interface Course {
  readonly logits: ArrayLike<number>;
  readonly losses: readonly number[];
  /** The logits after the steps, which must not change them. */
  readonly logitsAfter: ArrayLike<number>;
  /** The number of timed products. */
  readonly products: number;
}

/** Opens the problem, runs `steps` training steps or a forward pass, and closes. */
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

/** Returns the expected answers of a rival: logits within 1e-4, losses within a relative 1e-3. */
export function ours({ logits, losses }: Pick<Course, 'logits' | 'losses'>): Course {
  const near = Array.from(logits, (logit) => closeTo(logit, 1e-4));
  return {
    logits: near,
    logitsAfter: near,
    losses: losses.map((loss) => closeTo(loss, loss * 1e-3)),
    products: 3,
  };
}

/** Returns a matcher in place of a number. */
function closeTo(value: number, bound: number): number {
  // Vitest expects a number of digits: it rejects differences from 10^-digits / 2 on.
  return expect.closeTo(value, -Math.log10(2 * bound)) as number;
}

// Central differences in float64, for the tests of gradients.
import type { Tensor, Tensors } from '@isonet/core';
import { gradientName } from '@isonet/core';
import { tensorNamed } from '../src/check/compare.ts';
import { units } from '../src/case/data.ts';

const STEP = 1e-4;

/**
 * Returns the largest error of a loss's derivative along three directions of each float feed: the difference between
 * `grad/<feed>` and (loss(x + h d) - loss(x - h d)) / 2h, relative to the sum of the magnitudes of the gradient's
 * terms.
 */
export async function worstError(
  feeds: Tensors,
  gradients: Tensors,
  lossAt: (feeds: Tensors) => Promise<number>,
): Promise<number> {
  let worst = 0;
  for (const [name, x] of Object.entries(feeds)) {
    if (x.dtype !== 'float32') continue;
    const { data: gradient } = tensorNamed(gradients, gradientName(name));
    for (const nth of ['first', 'second', 'third']) {
      const direction = units(`${nth} direction`, x.shape).map((u) => u * 2 - 1);
      const ahead = await lossAt({ ...feeds, [name]: moved(x, direction, STEP) });
      const behind = await lossAt({ ...feeds, [name]: moved(x, direction, -STEP) });
      const terms = Array.from(direction, (d, i) => d * (gradient[i] ?? NaN));
      const analytic = terms.reduce((sum, term) => sum + term, 0);
      const scale = terms.reduce((sum, term) => sum + Math.abs(term), 0);
      const error = Math.abs((ahead - behind) / (2 * STEP) - analytic);
      worst = Math.max(worst, error === 0 ? 0 : error / Math.max(scale, 1e-3));
    }
  }
  return worst;
}

function moved({ shape, data }: Tensor, direction: Float32Array, h: number): Tensor {
  return {
    dtype: 'float64',
    shape,
    data: Float64Array.from(data, (value, i) => value + h * (direction[i] ?? NaN)),
  };
}

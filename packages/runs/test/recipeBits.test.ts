// Tests that the recipes still produce the bits of isonet 0.2.0, with two steps of each on the float64 reference, whose
// results are the same on every machine. A change of these digests changes published runs and needs a reason in
// docs/decisions.
import type { Model } from '@isonet/core';
import { initialize, stateOf, Trainer } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { digestOf } from '@isonet/conformance/vitest';
import { loadFashionMnistSample } from '@isonet/data';
import { googlenet, nin } from '@isonet/models';
import { expect, test } from 'vitest';
import type { Network, RecipeName } from '../src/recipes.ts';
import { recipes } from '../src/recipes.ts';

interface Recorded {
  readonly recipe: RecipeName;
  readonly network: Network;
  readonly model: Model;
  /** Images per step. */
  readonly batch: number;
  readonly digest: string;
}

const recorded: readonly Recorded[] = [
  {
    recipe: 'book',
    network: 'nin',
    model: nin(),
    batch: 4,
    digest: '881ca5b56977b1ad3ac8acf659cd4e66c701dcc4a96fb74caaf7be2ecbec13f7',
  },
  {
    recipe: 'best',
    network: 'nin',
    model: nin({ batchNorm: true, dropoutRate: 0.1 }),
    batch: 4,
    digest: '3a329239d76f47a134a105bf6b88b5c6cd63e8e9819030fade6bcbf98b308180',
  },
  {
    recipe: 'book',
    network: 'googlenet',
    model: googlenet({ size: 28 }),
    batch: 2,
    digest: 'ae6d5596df80231920776c8583c9982d111d216c46f14d5ac48fa37a05c5c188',
  },
];

test.each(recorded)(
  'the recipe $recipe for $network stays bit-identical',
  async ({ recipe, network, model, batch, digest }) => {
    const { initializer, optimizer, schedule, lr } = recipes[recipe][network];
    const { train } = await loadFashionMnistSample();
    await using device = await reference.open();
    const values = initialize(stateOf(model).parameters, initializer, 0);
    await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0 });
    for (let step = 0; step < 2; step++) {
      const indices = Uint32Array.from({ length: batch }, (_, i) => step * batch + i);
      const rate = schedule(lr)({ step, steps: 10, batch, batchSize: batch });
      await (
        await trainer.step(train.batch(indices), step, rate)
      )();
    }
    expect(digestOf(await trainer.snapshot())).toBe(digest);
  },
);

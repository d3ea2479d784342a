// conv2dGradInput on a gradient that is fed, not computed from conv2d. Its own gradients are conv2d and conv2dGradFilter.
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { convolutions } from './convolutions.ts';
import { convolutionAtFullSize, googlenet, large } from './fullSize.ts';

export const cases: readonly Case[] = casesFor('conv2dGradInput', ({ exact }) => [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(name, { dy: integers('dy', y), w: integers('w', w) }, { ...attrs, inputShape: x }),
  ),
  ...googlenet.map((full) =>
    convolutionAtFullSize(full, ({ name, x, w, y, attrs }, options) => {
      const feeds = { dy: large('dy', y), w: large('w', w) };
      return exact(`full-size-${name}`, feeds, { ...attrs, inputShape: x }, options);
    }),
  ),
]);

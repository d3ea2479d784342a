// conv2dGradFilter on a gradient that is fed, not computed from conv2d. Its own gradients are conv2dGradInput and conv2d.
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { convolutions } from './convolutions.ts';
import { convolutionAtFullSize, googlenet, large, nin1x1 } from './fullSize.ts';

export const cases: readonly Case[] = casesFor('conv2dGradFilter', ({ exact }) => [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(name, { x: integers('x', x), dy: integers('dy', y) }, { ...attrs, filterShape: w }),
  ),
  ...[nin1x1, ...googlenet].map((full) =>
    convolutionAtFullSize(full, ({ name, x, w, y, attrs }, options) => {
      const feeds = { x: large('x', x), dy: large('dy', y) };
      return exact(`full-size-${name}`, feeds, { ...attrs, filterShape: w }, options);
    }),
  ),
]);

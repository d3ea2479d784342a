// Mutants of ops with random numbers.
import type { OpName } from '@isonet/core';
import type { Mutants } from '../mutant.ts';
import { mutant, oneOff } from '../mutant.ts';

export const random = {
  dropout: [
    oneOff(0, 'x'),
    oneOff(1, 'uniform', ({ node }) => (node.attrs.rate === 0 ? 'nothing is dropped' : undefined)),
  ],
  randomUniform: [
    mutant('another stream', ({ node: { attrs }, right }) =>
      right({ attrs: { ...attrs, stream: attrs.stream + 1 } }),
    ),
  ],
} satisfies Partial<Mutants<OpName>>;

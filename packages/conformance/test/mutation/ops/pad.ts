import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';

export const faults: readonly Fault<'pad'>[] = [
  oneOff(0, 'x'),
  kernel('pad: by zeros', ({ node, operands: [x], results: [y] }) => {
    if (node.attrs.value === 0) return 'it is padded by zeros';
    return x.data.length === y.data.length ? 'nothing is padded' : undefined;
  }),
];

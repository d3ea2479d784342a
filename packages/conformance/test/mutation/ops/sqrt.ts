import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';

export const faults: readonly Fault<'sqrt'>[] = [
  oneOff(0, 'x'),
  kernel('sqrt: by its inverse', ({ operands: [x] }) =>
    x.data.some((value) => value === 0) ? undefined : 'there is no 0',
  ),
];

import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';
import { withinRange } from '../functions.ts';

export const faults: readonly Fault<'tanh'>[] = [
  oneOff(0, 'x'),
  kernel('tanh: a quotient of exponentials', withinRange),
];

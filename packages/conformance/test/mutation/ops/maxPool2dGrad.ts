import type { Fault } from '../fault.ts';
import { lastMaximum, shiftedGradient } from '../windows.ts';

export const faults: readonly Fault<'maxPool2dGrad'>[] = [lastMaximum, shiftedGradient(2)];

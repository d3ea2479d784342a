import type { Fault } from '../fault.ts';
import { exchanged, oneOff } from '../fault.ts';

export const faults: readonly Fault<'div'>[] = [oneOff(1, 'y'), exchanged(0, 1)];

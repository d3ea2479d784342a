import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';

export const faults: readonly Fault<'mul'>[] = [oneOff(1, 'y')];

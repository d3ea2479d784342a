import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';

export const faults: readonly Fault<'min'>[] = [oneOff(1, 'y')];

import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';

export const faults: readonly Fault<'equal'>[] = [oneOff(1, 'y')];

import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';

export const faults: readonly Fault<'exp'>[] = [oneOff(0, 'x')];

import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';

export const faults: readonly Fault<'oneHot'>[] = [oneOff(0, 'labels')];

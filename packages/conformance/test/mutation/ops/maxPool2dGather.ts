import type { Fault } from '../fault.ts';
import { lastMaximum, shiftedRow } from '../windows.ts';

export const faults: readonly Fault<'maxPool2dGather'>[] = [lastMaximum, shiftedRow(2)];

import type { Fault } from '../fault.ts';
import { inFormat } from '../fault.ts';
import { countedOtherwise, shiftedRow } from '../windows.ts';

export const faults: readonly Fault<'avgPool2dGrad'>[] = [countedOtherwise, shiftedRow(0), inFormat('bf16')];

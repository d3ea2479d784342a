import type { Fault } from '../fault.ts';
import { kernel } from '../fault.ts';
import { stream } from '../../../src/cases/randomUniform.ts';

export const faults: readonly Fault<'randomUniform'>[] = [kernel('randomUniform: another stream')];

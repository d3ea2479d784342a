// min, with the cases of max.
import type { Case } from '../case/case.ts';
import { extremumCases } from './max.ts';

export const cases: readonly Case[] = extremumCases('min');

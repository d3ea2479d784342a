// The contract between core and a device, beside what it computes.
import type { Check } from '../verdict.ts';
import { lifetimeScenarios } from './lifetimes.ts';
import { numericScenarios } from './numerics.ts';
import { runScenarios } from './runs.ts';
import { stateScenarios } from './state.ts';

export const scenarios: readonly Check[] = [
  ...stateScenarios,
  ...runScenarios,
  ...lifetimeScenarios,
  ...numericScenarios,
];

// The scenarios that check the contract between core and a backend, apart from the results of single ops.
import type { Check } from '../check/check.ts';
import { backendScenarios } from './backend.ts';
import { failureScenarios } from './failures.ts';
import { lifetimeScenarios } from './lifetimes.ts';
import { maximaScenarios } from './maxima.ts';
import { numericScenarios } from './numerics.ts';
import { planScenarios } from './plans.ts';
import { runScenarios } from './runs.ts';
import { stateScenarios } from './state.ts';

export const scenarios: readonly Check[] = [
  ...stateScenarios,
  ...runScenarios,
  ...failureScenarios,
  ...lifetimeScenarios,
  ...planScenarios,
  ...numericScenarios,
  ...maximaScenarios,
  ...backendScenarios,
];

// All that a device is asked. Knows no test runner.
import { cases } from './cases/index.ts';
import { goldenChecks } from './goldenChecks.ts';
import { readGolden } from './goldenFile.ts';
import { caseChecks } from './runCase.ts';
import { scenarios } from './scenarios/index.ts';
import { variantChecks } from './variants.ts';
import type { Check } from './verdict.ts';

/** In order: ops, the contract, PyTorch's numbers, the networks' variants. */
export function checks(): readonly Check[] {
  const golden = [readGolden('nin'), readGolden('googlenet')].flatMap(goldenChecks);
  return [...cases.flatMap(caseChecks), ...scenarios, ...golden, ...variantChecks()];
}

// Every check of the suite.
import { caseChecks } from '../case/runCase.ts';
import { cases } from '../cases/table.ts';
import type { Check } from '../check/check.ts';
import { scenarios } from '../contract/index.ts';
import { goldenChecks } from '../golden/checks.ts';
import { layerChecks } from '../networks/layers.ts';
import { variantChecks } from '../networks/variants.ts';
import { wholeChecks } from '../networks/whole.ts';
import { randomChecks } from '../random/index.ts';
import { curvesCheck } from '../training/curves.ts';
import { trainingChecks } from '../training/teacherForced.ts';

/**
 * Returns all checks, in order: ops, random cases, the contract, networks layer by layer and whole, training,
 * PyTorch's results, variants.
 */
export function checks(): readonly Check[] {
  return [
    ...cases.flatMap(caseChecks),
    ...randomChecks(),
    ...scenarios,
    ...layerChecks(),
    ...wholeChecks,
    ...trainingChecks,
    curvesCheck,
    ...goldenChecks,
    ...variantChecks,
  ];
}

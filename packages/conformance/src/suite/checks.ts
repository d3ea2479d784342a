// All that a device is asked. Knows no test runner.
import { cases } from '../cases/table.ts';
import { goldenChecks } from '../golden/checks.ts';
import { readGolden } from '../golden/file.ts';
import { modelChecks } from '../networks/layers.ts';
import { wholeChecks } from '../networks/whole.ts';
import { randomChecks } from '../random/index.ts';
import { caseChecks } from '../case/runCase.ts';
import { scenarios } from '../contract/index.ts';
import { curvesCheck } from '../training/curves.ts';
import { trainingChecks } from '../training/teacherForced.ts';
import { variantChecks } from '../networks/variants.ts';
import type { Check } from '../check/check.ts';

/** In order: ops, random cases, the contract, networks by layers, whole and in training, PyTorch's numbers, variants. */
export function checks(): readonly Check[] {
  const golden = [readGolden('nin'), readGolden('googlenet')].flatMap(goldenChecks);
  const networks = [...modelChecks(), ...wholeChecks, ...trainingChecks, curvesCheck];
  return [
    ...cases.flatMap(caseChecks),
    ...randomChecks(),
    ...scenarios,
    ...networks,
    ...golden,
    ...variantChecks(),
  ];
}

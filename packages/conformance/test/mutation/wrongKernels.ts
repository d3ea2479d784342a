// The planted faults, by what is wrong: each in a way that has been met in the field or lies at hand.
import { wrongArrays } from './kernels/arrays.ts';
import type { Replace } from './devices.ts';
import { wrongFunctions } from './kernels/functions.ts';
import { wrongNormalizations } from './kernels/normalizations.ts';
import { wrongWindows } from './kernels/windows.ts';

export { roundedToFloat32, withEarlyUpdates, withKernel } from './devices.ts';
export { erfByFiveTerms } from './kernels/functions.ts';

/** Kernels that are wrong, by what is wrong with them. */
export const wrongKernels: Readonly<Record<string, Replace>> = {
  ...wrongWindows,
  ...wrongArrays,
  ...wrongFunctions,
  ...wrongNormalizations,
};

// The planted faults, by what is wrong: each in a way that has been met in the field or lies at hand.
import { wrongArrays } from './kernels/arrays.js';
import { wrongFunctions } from './kernels/functions.js';
import { wrongNormalizations } from './kernels/normalizations.js';
import { wrongWindows } from './kernels/windows.js';
export { roundedToFloat32, withEarlyUpdates, withKernel } from './devices.js';
export { erfByFiveTerms } from './kernels/functions.js';
/** Kernels that are wrong, by what is wrong with them. */
export const wrongKernels = {
  ...wrongWindows,
  ...wrongArrays,
  ...wrongFunctions,
  ...wrongNormalizations,
};
//# sourceMappingURL=wrongKernels.js.map

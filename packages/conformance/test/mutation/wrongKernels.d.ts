import type { Replace } from './devices.ts';
export { roundedToFloat32, withEarlyUpdates, withKernel } from './devices.ts';
export { erfByFiveTerms } from './kernels/functions.ts';
/** Kernels that are wrong, by what is wrong with them. */
export declare const wrongKernels: Readonly<Record<string, Replace>>;
//# sourceMappingURL=wrongKernels.d.ts.map

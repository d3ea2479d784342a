import type { Replace } from '../devices.ts';
export declare const wrongFunctions: Readonly<Record<string, Replace>>;
/** Not a fault: Abramowitz and Stegun 7.1.26, off by 1.5e-7, is as good an erf as many devices have. */
export declare const erfByFiveTerms: Replace;
//# sourceMappingURL=functions.d.ts.map

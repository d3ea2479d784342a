import type { Replace } from '../devices.ts';
export declare const wrongArrays: Readonly<Record<string, Replace>>;
//# sourceMappingURL=arrays.d.ts.map

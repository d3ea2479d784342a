import type { Replace } from '../devices.ts';
export declare const wrongNormalizations: Readonly<Record<string, Replace>>;
//# sourceMappingURL=normalizations.d.ts.map

import type { Replace } from '../devices.ts';
export declare const wrongWindows: Readonly<Record<string, Replace>>;
//# sourceMappingURL=windows.d.ts.map

// The face of @isonet/native.
export type { NativeLibrary, System } from './library.ts';
export { NativeError } from './library.ts';
export { loadAddon } from './load.ts';

// Opens shared libraries with the system's loader, so that an addon that opens them by name finds them.
import { constants } from 'node:os';

const { RTLD_NOW, RTLD_GLOBAL, RTLD_LAZY } = constants.dlopen;
const RTLD_NODELETE = 0x1000; // Linux

/**
 * Tries to open a library, by its name or its path, without exposing its symbols to other libraries.
 * @returns the reason why it cannot be opened, or undefined if it can
 */
export function missingLibrary(library: string): string | undefined {
  return load(library, RTLD_LAZY);
}

/**
 * Opens a library permanently: later requests for the same name resolve to this copy. Setting LD_LIBRARY_PATH would have no
 * effect on a running process.
 * @param library a path, or a name that the system's loader can resolve
 * @returns the reason why it cannot be opened, or undefined once it is open
 */
export function openLibrary(library: string): string | undefined {
  return load(library, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
}

function load(library: string, flags: number): string | undefined {
  try {
    process.dlopen({ exports: {} }, library, flags);
  } catch (error) {
    // Node expects a Node addon, and reports that this is not one only after the library has been loaded.
    const message = error instanceof Error ? error.message : String(error);
    return message.includes('did not self-register') ? undefined : message;
  }
  return undefined;
}

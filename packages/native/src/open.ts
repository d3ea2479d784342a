// Opens shared libraries by the system's loader, so that an addon that asks for them by name finds them.
import { constants } from 'node:os';

const { RTLD_NOW, RTLD_GLOBAL, RTLD_LAZY } = constants.dlopen;
const RTLD_NODELETE = 0x1000; // Linux

/**
 * Asks the system's loader for a library, by its name or its path, without letting others use its symbols.
 * @returns why it cannot be opened; undefined when it can
 */
export function missingLibrary(library: string): string | undefined {
  return load(library, RTLD_LAZY);
}

/**
 * Opens a library for good: whatever asks for its name later gets this one. LD_LIBRARY_PATH has no effect on a running
 * process.
 * @param library a path, or a name that the system's loader knows
 * @returns why it cannot be opened; undefined when it is open
 */
export function openLibrary(library: string): string | undefined {
  return load(library, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
}

function load(library: string, flags: number): string | undefined {
  try {
    process.dlopen({ exports: {} }, library, flags);
  } catch (error) {
    // Node expects an addon of its own, and complains only after the library was loaded.
    const message = error instanceof Error ? error.message : String(error);
    return message.includes('did not self-register') ? undefined : message;
  }
  return undefined;
}

// Tells a refusal from a failure. A device may refuse a node through `supports`; one that says `true` and then does not
// compile it has failed.
import type { Device } from '@isonet/core';
import { BackendError, legalize, UnsupportedOpError } from '@isonet/core';
import { forwarded } from './forwarded.ts';

/**
 * The device, held to its word: an UnsupportedOpError of `compile` comes through only where `supports` refuses a primitive
 * of the graph; elsewhere it becomes a BackendError `BROKEN_PROMISE`.
 */
export function heldToItsWord(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    try {
      return await device.compile(graph, options);
    } catch (cause) {
      if (!(cause instanceof UnsupportedOpError)) throw cause;
      // Throws where `supports` refuses.
      legalize(graph, (node, types) => device.supports(node, types));
      const message = `supports says true for every node, yet compile refuses: ${cause.message}`;
      throw new BackendError('BROKEN_PROMISE', message, { cause });
    }
  };
  return { ...forwarded(device), compile };
}

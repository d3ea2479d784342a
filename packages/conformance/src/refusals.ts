// Tells a refusal from a failure. A device may refuse a node through `supports`; one that says `true` and then does not
// run it has failed.
import type { Device, Graph } from '@isonet/core';
import { BackendError, legalize, UnsupportedOpError } from '@isonet/core';
import { forwarded } from './forwarded.ts';

/** What `compile` of a device that is held to its word throws where `supports` refuses; no other error is a refusal. */
export class Refusal extends UnsupportedOpError {}

/**
 * The device, held to its word: an UnsupportedOpError of `compile` becomes a {@link Refusal} only where `supports` refuses a
 * primitive of the graph, elsewhere a BackendError `BROKEN_PROMISE`.
 */
export function heldToItsWord(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    try {
      return await device.compile(graph, options);
    } catch (cause) {
      if (!(cause instanceof UnsupportedOpError)) throw cause;
      const reason = refusalOf(device, graph);
      if (reason !== undefined) throw new Refusal(reason);
      const message = `supports says true for every node, yet compile refuses: ${cause.message}`;
      throw new BackendError('BROKEN_PROMISE', message, { cause });
    }
  };
  return { ...forwarded(device), compile };
}

/** Why `supports` refuses a primitive of the graph. */
function refusalOf(device: Device, graph: Graph): string | undefined {
  try {
    legalize(graph, (node, types) => device.supports(node, types));
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedOpError) return error.message;
    throw error;
  }
}

// Tells a refusal from a failure. A device may refuse a node through `supports`; one that says `true` and then does not
// run it has failed.
import type { Device, Program } from '@isonet/core';
import { BackendError, legalize, UnsupportedOpError } from '@isonet/core';
import { forwarded, forwardedProgram } from './forwarded.ts';

/**
 * The device, held to its word: an UnsupportedOpError of `compile` comes through only where `supports` refuses a primitive
 * of the graph. Elsewhere, and from a program that was compiled, it becomes a BackendError `BROKEN_PROMISE`.
 */
export function heldToItsWord(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    try {
      return held(await device.compile(graph, options));
    } catch (cause) {
      if (!(cause instanceof UnsupportedOpError)) throw cause;
      // Throws where `supports` refuses.
      legalize(graph, (node, types) => device.supports(node, types));
      throw broken('supports says true for every node, yet compile refuses', cause);
    }
  };
  return { ...forwarded(device), compile };
}

function held(program: Program): Program {
  const run: Program['run'] = (state, feeds) => {
    const execution = program.run(state, feeds);
    const accepted = kept(execution.accepted);
    accepted.catch(() => undefined); // Nobody has to look at it.
    return {
      accepted,
      read: (names) => kept(execution.read(names)),
      discard: () => execution.discard(),
    };
  };
  return { ...forwardedProgram(program), run };
}

async function kept<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    if (!(cause instanceof UnsupportedOpError)) throw cause;
    throw broken('it was compiled, yet the run refuses', cause);
  }
}

function broken(how: string, cause: UnsupportedOpError): BackendError {
  return new BackendError('BROKEN_PROMISE', `${how}: ${cause.message}`, { cause });
}

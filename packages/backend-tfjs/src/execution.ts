// A run that is over: its outputs wait on the device until they are read or discarded.
import type { Execution, Graph } from '@isonet/core';
import { BackendError, checkNames, typeOf } from '@isonet/core';
import type { DeviceTensor } from './deviceTensor.ts';
import { download } from './transfer.ts';

export type Outputs = ReadonlyMap<string, DeviceTensor>;

export function finished(graph: Graph, outputs: Outputs): Execution {
  let over = false;
  const end = (): void => {
    over = true;
    for (const value of outputs.values()) value.dispose();
  };
  // All was computed before anybody could wait for it. Waiting lets the event loop turn once a run: signals and timers
  // would starve in a training loop whose promises are all settled.
  const accepted = new Promise<void>((resolve) => setImmediate(resolve));
  return {
    accepted,
    read: async (names) => {
      await accepted;
      if (over) throw new BackendError('CONSUMED', `${graph.name}: this run was read or discarded before`);
      try {
        const wanted = checkNames(names, outputs.keys(), graph.name);
        const read = graph.outputs.filter(({ name }) => wanted.includes(name));
        return Object.fromEntries(
          read.flatMap(({ name, value }) => {
            const output = outputs.get(name);
            return output ? [[name, download(output, typeOf(graph, value))]] : [];
          }),
        );
      } finally {
        end();
      }
    },
    discard: () => {
      if (!over) end();
    },
  };
}

/** The error waits for whoever reads, and nobody has to. */
export function failed(reason: unknown): Execution {
  const accepted = Promise.reject(reason instanceof Error ? reason : new Error(String(reason)));
  accepted.catch(() => undefined);
  return { accepted, read: () => accepted, discard: () => undefined };
}

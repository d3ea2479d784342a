// A run that is over when it is returned: its outputs wait on the device until they are read or discarded.
import type { Execution, Graph } from '@isonet/core';
import { executionOf, typeOf } from '@isonet/core';
import type { DeviceTensor } from './deviceTensor.ts';
import { download } from './transfer.ts';

export type Outputs = ReadonlyMap<string, DeviceTensor>;

/** @param compute is called at once; what it throws waits for whoever reads */
export function execution(graph: Graph, compute: () => Outputs): Execution {
  let outputs: Outputs = new Map();
  const end = (): void => {
    for (const value of outputs.values()) value.dispose();
  };
  // Waiting lets the event loop turn once a run: signals and timers would starve in a training loop whose promises are all
  // settled.
  const run = new Promise<void>((resolve) => {
    outputs = compute();
    setImmediate(resolve);
  });
  const read: Parameters<typeof executionOf>[2] = async (names) => {
    try {
      await run;
      const wanted = graph.outputs.filter(({ name }) => names.includes(name));
      return Object.fromEntries(
        wanted.flatMap(({ name, value }) => {
          const output = outputs.get(name);
          return output ? [[name, download(output, typeOf(graph, value))]] : [];
        }),
      );
    } finally {
      end();
    }
  };
  return executionOf(graph, run, read, end);
}

// The execution that every backend shares. It is read or discarded once, and a failed run reports its error
// when it is read.
import { BackendError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';
import type { Execution } from './contract.ts';
import { checkNames } from './feeds.ts';

interface Outputs {
  /**
   * Copies the named outputs; rejects if the run failed. Either `read` or `discard` is called, at most once.
   */
  read(names: readonly string[]): Promise<Tensors>;
  discard(): void;
}

/**
 * Creates the execution of one run. Its `read` throws DataError for an unknown output name, after which it can be called again,
 * and BackendError `CONSUMED` on a second read.
 * @param accepted resolves when the caller may reuse the feeds' memory
 */
export function executionOf(graph: Graph, accepted: Promise<void>, outputs: Outputs): Execution {
  accepted.catch(() => undefined); // Callers may ignore this promise.
  let over = false;
  return {
    accepted,
    read: async (names) => {
      if (over) {
        throw new BackendError('CONSUMED', `${graph.name}: this run was already read or discarded`);
      }
      const known = graph.outputs.map(({ name }) => name);
      const picked = checkNames(names, known, graph.name);
      over = true;
      return outputs.read(picked);
    },
    discard: () => {
      if (!over) outputs.discard();
      over = true;
    },
  };
}

// The execution of all backends: each is read or discarded, once, and errors wait for whoever reads.
import { BackendError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';
import type { Execution } from './contract.ts';
import { checkNames } from './feeds.ts';

interface Outputs {
  /** Copies of the outputs of these names; rejects when the run failed. Called once, or `discard` is, or neither. */
  read(names: readonly string[]): Promise<Tensors>;
  discard(): void;
}

/**
 * The execution of one run of a graph. Its `read` throws DataError for a name that is not an output, which leaves it to be
 * read still, and BackendError `CONSUMED` for a second time.
 * @param accepted resolves when the feeds' memory is free
 */
export function executionOf(graph: Graph, accepted: Promise<void>, outputs: Outputs): Execution {
  accepted.catch(() => undefined); // Callers may ignore it.
  let over = false;
  return {
    accepted,
    read: async (names) => {
      if (over) {
        throw new BackendError('CONSUMED', `${graph.name}: this run was read or discarded before`);
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

// What the executions of all backends have in common: each is read or discarded, once, and errors wait for whoever reads.
import type { Execution } from './backend.ts';
import { BackendError } from './errors.ts';
import { checkNames } from './feeds.ts';
import type { Graph } from './graph.ts';
import type { Tensors } from './tensor.ts';

/**
 * The execution of one run of a graph. Its `read` throws DataError for a name that is no output, which leaves it to be read
 * still, and BackendError `CONSUMED` for a second time.
 * @param run resolves when the feeds' memory is free, rejects when the run fails
 * @param read the outputs of these names, copied; rejects when the run failed. Called once, or `discard` is, or neither
 */
export function executionOf(
  { name: what, outputs }: Graph,
  run: Promise<unknown>,
  read: (names: readonly string[]) => Promise<Tensors>,
  discard: () => void = () => {},
): Execution {
  const accepted = run.then(() => undefined);
  accepted.catch(() => undefined); // Nobody has to look at it.
  let over = false;
  return {
    accepted,
    read: async (names) => {
      if (over) throw new BackendError('CONSUMED', `${what}: this run was read or discarded before`);
      const known = outputs.map(({ name }) => name);
      const picked = checkNames(names, known, what);
      over = true;
      return await read(picked);
    },
    discard: () => {
      if (!over) discard();
      over = true;
    },
  };
}

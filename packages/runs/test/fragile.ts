// A test backend whose first device is lost while it trains.
import { reference } from '@isonet/backend-reference';
import type { Backend, Device, OpenOptions, Program } from '@isonet/core';
import { DeviceLostError } from '@isonet/core';

/** Records the calls to a {@link fragile} backend. */
export interface Log {
  /** The options of each opened device. */
  readonly opened: OpenOptions[];
  closed: number;
}

/**
 * Creates a reference backend whose first device is permanently lost at training step `lostAt`.
 * @param most the maximum number of devices that can be opened
 * @param id derives the plan id of the other devices from that of the first
 */
export function fragile(
  lostAt: number,
  most: number = Infinity,
  id: (first: string) => string = (first) => first,
): { readonly backend: Backend; readonly log: Log } {
  const log: Log = { opened: [], closed: 0 };
  let steps = 0;
  const watch = (program: Program, isFirst: boolean): Program => ({
    graph: program.graph,
    plan: isFirst ? program.plan : { id: id(program.plan.id) },
    run: (state, feeds) => {
      if (isFirst) {
        if (program.graph.updates.length > 0) steps++;
        if (steps >= lostAt) throw new DeviceLostError('reference: the card was reset');
      }
      return program.run(state, feeds);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  });
  const backend: Backend = {
    name: 'reference',
    contract: 2,
    probe: () => reference.probe(),
    open: async (options = {}): Promise<Device> => {
      if (log.opened.length >= most) throw new Error('the card is gone');
      const isFirst = log.opened.push(options) === 1;
      const { device: name } = options;
      const device = await reference.open(name === undefined ? {} : { device: name });
      const { info, numerics, lost } = device;
      return {
        info,
        numerics,
        lost,
        createState: (values) => device.createState(values),
        compile: async (graph, how) => watch(await device.compile(graph, how), isFirst),
        [Symbol.asyncDispose]: async () => {
          log.closed++;
          await device[Symbol.asyncDispose]();
        },
      };
    },
  };
  return { backend, log };
}

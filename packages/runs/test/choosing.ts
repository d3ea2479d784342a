// A test backend that makes choices, like one that tunes kernels: the reference with a tile size in its plans.
import { reference } from '@isonet/backend-reference';
import type { Backend, Device, PlanData, Program } from '@isonet/core';
import { BackendError } from '@isonet/core';

/** The conditions that may differ between machines, or change over time. */
export interface Circumstances {
  /** The tile that `compile` chooses. */
  readonly tile: number;
  /** The supported tiles. Default: all. */
  readonly tiles?: readonly number[];
  /** The text of the device. */
  readonly text?: string;
  readonly reproducible?: boolean;
}

/** Creates the backend. @param now called whenever a device is opened or a program is compiled */
export function choosing(name: string, now: () => Circumstances): Backend {
  const tileOf = (graph: string, plan: PlanData | undefined): number => {
    const { tile, tiles } = now();
    if (plan === undefined) return tile;
    const { format, version, tile: wanted } = plan;
    if (
      format === 'tiles' &&
      version === 1 &&
      typeof wanted === 'number' &&
      (!tiles || tiles.includes(wanted))
    ) {
      return wanted;
    }
    throw new BackendError('PLAN', `${graph}: unsupported tile: ${JSON.stringify(plan)}`);
  };
  return {
    name,
    contract: 2,
    probe: () => reference.probe(),
    open: async ({ threads, ...options } = {}): Promise<Device> => {
      const { text, reproducible = true } = now();
      const device = await reference.open(options);
      const { info, numerics, lost } = device;
      return {
        info: { ...info, ...(text === undefined ? {} : { text }) },
        numerics: { float32: { ...numerics.float32, reproducible } },
        lost,
        createState: (values) => device.createState(values),
        compile: async (graph, { plan, frozen } = {}): Promise<Program> => {
          const tile = tileOf(graph.name, plan);
          const program = await device.compile(graph, frozen ? { frozen } : {});
          const id = JSON.stringify([program.plan.id, name, text, threads, tile]);
          return {
            graph: program.graph,
            plan: { id, data: { format: 'tiles', version: 1, tile } },
            bytes: 64,
            run: (state, feeds) => program.run(state, feeds),
            [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
          };
        },
        [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
      };
    },
  };
}

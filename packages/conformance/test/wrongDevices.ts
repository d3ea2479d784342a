// Wrong devices for the tests of the contract's scenarios: their programs, states or errors are changed.
import type { Device, Execution, Program, State, Tensors } from '@isonet/core';
import { messageOf } from '@isonet/core';
import { forwarded, forwardedProgram } from '../src/forwarded.ts';
import type { Verdict } from '../src/index.ts';
import { scenarios } from '../src/contract/index.ts';

/** By fault: the scenario that fails, and a function that turns a correct device into a wrong one. */
export type WrongDevices = Readonly<
  Record<string, readonly [key: string, wrong: (device: Device) => Device]>
>;

export async function verdictOf(device: Device, key: string): Promise<Verdict> {
  const check = scenarios.find((candidate) => candidate.key === key);
  if (!check) throw new Error(`there is no check ${key}`);
  return await check.run(device);
}

/** Returns the failures of a scenario on a device. An error that it throws counts as one, as in the suite. */
export async function failuresOf(device: Device, key: string): Promise<readonly string[]> {
  try {
    return (await verdictOf(device, key)).failures;
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Wraps a device so that its programs are changed. */
export function withPrograms(device: Device, change: (program: Program) => Partial<Program>): Device {
  const compile: Device['compile'] = async (graph, options) => {
    const program = await device.compile(graph, options);
    return { ...forwardedProgram(program), ...change(program) };
  };
  return { ...forwarded(device), compile };
}

/** Wraps a device so that its executions are changed. */
export function withExecutions(
  device: Device,
  change: (execution: Execution, state: State) => Partial<Execution>,
): Device {
  return withPrograms(device, (program) => ({
    run: (state, feeds) => {
      const execution = program.run(state, feeds);
      const forwardedExecution: Execution = {
        accepted: execution.accepted,
        read: (names) => execution.read(names),
        discard: () => execution.discard(),
      };
      return { ...forwardedExecution, ...change(execution, state) };
    },
  }));
}

/** Wraps a device so that its programs receive other feeds. */
export function withFeeds(device: Device, change: (feeds: Tensors) => Tensors): Device {
  return withPrograms(device, (program) => ({ run: (state, feeds) => program.run(state, change(feeds)) }));
}

/** The methods of a state that a wrong device changes. */
interface StateMethods {
  readonly read: (names?: Iterable<string>) => Promise<Tensors>;
  readonly write: (values: Tensors) => Promise<void>;
}

/** Wraps a device so that its states are changed in place, since programs recognize their own states. */
export function withStates(device: Device, change: (own: StateMethods) => Partial<StateMethods>): Device {
  const createState: Device['createState'] = async (values) => {
    const state = await device.createState(values);
    const own = { read: state.read.bind(state), write: state.write.bind(state) };
    return Object.assign(state, change(own));
  };
  return { ...forwarded(device), createState };
}

/** Wraps a device so that the errors of `compile` are changed. */
export function withCompileErrors(device: Device, change: (error: unknown) => unknown): Device {
  const compile: Device['compile'] = (graph, options) =>
    device.compile(graph, options).catch((error: unknown) => Promise.reject(change(error)));
  return { ...forwarded(device), compile };
}

/** Wraps a device so that it commits the updates of a run one by one, and each sees those before it. */
export function withEarlyUpdates(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    const first = await device.compile({ ...graph, updates: [] }, options);
    const updates = await Promise.all(
      graph.updates.map((update) => device.compile({ ...graph, outputs: [], updates: [update] }, options)),
    );
    const run: Program['run'] = (state, feeds): Execution => {
      const execution = first.run(state, feeds);
      for (const update of updates) update.run(state, feeds).discard();
      return execution;
    };
    const dispose = async (): Promise<void> => {
      for (const program of [first, ...updates]) await program[Symbol.asyncDispose]();
    };
    return { ...forwardedProgram(first), graph, run, [Symbol.asyncDispose]: dispose };
  };
  return { ...forwarded(device), compile };
}

/** Returns an execution that fails. */
export function failing(reason: Error): Execution {
  const accepted = Promise.reject<void>(reason);
  accepted.catch(() => undefined);
  return { accepted, read: () => Promise.reject(reason), discard: () => undefined };
}

export function mapped(tensors: Tensors, change: (tensor: Tensors[string]) => Tensors[string]): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}

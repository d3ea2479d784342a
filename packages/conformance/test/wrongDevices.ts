// What the tests of the contract's scenarios plant faults with: devices whose programs or states are changed.
import type { Device, Execution, Program, State, Tensors } from '@isonet/core';
import { messageOf } from '@isonet/core';
import { forwarded, forwardedProgram } from '../src/forwarded.ts';
import type { Verdict } from '../src/index.ts';
import { scenarios } from '../src/contract/index.ts';

/** By what is wrong: the scenario that convicts it, and the device made wrong. */
export type PlantedDevices = Readonly<
  Record<string, readonly [key: string, plant: (device: Device) => Device]>
>;

export async function verdictOf(device: Device, key: string): Promise<Verdict> {
  const check = scenarios.find((candidate) => candidate.key === key);
  if (!check) throw new Error(`there is no check ${key}`);
  return await check.run(device);
}

/** What is wrong with a device; what the check throws is a failure, as it is in the suite. */
export async function failuresOf(device: Device, key: string): Promise<readonly string[]> {
  try {
    return (await verdictOf(device, key)).failures;
  } catch (error) {
    return [messageOf(error)];
  }
}

/** The device, but its programs are changed. */
export function withPrograms(device: Device, change: (program: Program) => Partial<Program>): Device {
  const compile: Device['compile'] = async (graph, options) => {
    const program = await device.compile(graph, options);
    return { ...forwardedProgram(program), ...change(program) };
  };
  return { ...forwarded(device), compile };
}

/** The device, but its executions are changed. */
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

/** The device, but its programs see other feeds. */
export function withFeeds(device: Device, change: (feeds: Tensors) => Tensors): Device {
  return withPrograms(device, (program) => ({ run: (state, feeds) => program.run(state, change(feeds)) }));
}

/** What a state does, without the state. */
interface Own {
  readonly read: (names?: Iterable<string>) => Promise<Tensors>;
  readonly write: (values: Tensors) => Promise<void>;
}

/** The device, but its states are changed, each in its place: programs know them. */
export function withStates(device: Device, change: (own: Own) => Partial<Own>): Device {
  const createState: Device['createState'] = async (values) => {
    const state = await device.createState(values);
    const own = { read: state.read.bind(state), write: state.write.bind(state) };
    return Object.assign(state, change(own));
  };
  return { ...forwarded(device), createState };
}

/** The device, but what `compile` throws is changed. */
export function withCompileErrors(device: Device, change: (error: unknown) => unknown): Device {
  const compile: Device['compile'] = (graph, options) =>
    device.compile(graph, options).catch((error: unknown) => Promise.reject(change(error)));
  return { ...forwarded(device), compile };
}

export function failing(reason: Error): Execution {
  const accepted = Promise.reject<void>(reason);
  accepted.catch(() => undefined);
  return { accepted, read: () => Promise.reject(reason), discard: () => undefined };
}

export function mapped(tensors: Tensors, change: (tensor: Tensors[string]) => Tensors[string]): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}

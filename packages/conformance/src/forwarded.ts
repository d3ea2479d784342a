// Devices and programs that forward every call: the base of wrappers that override some calls.
import type { Device, Program } from '@isonet/core';

export function forwarded(device: Device): Device {
  return {
    info: device.info,
    numerics: device.numerics,
    lost: device.lost,
    createState: (values) => device.createState(values),
    compile: (graph, options) => device.compile(graph, options),
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
}

export function forwardedProgram(program: Program): Program {
  return {
    graph: program.graph,
    plan: program.plan,
    ...(program.bytes === undefined ? {} : { bytes: program.bytes }),
    run: (state, feeds) => program.run(state, feeds),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

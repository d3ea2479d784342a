// A device that hands everything on to another: what stands around a device is written over this.
import type { Device } from '@isonet/core';

export function forwarded(device: Device): Device {
  return {
    info: device.info,
    numerics: device.numerics,
    lost: device.lost,
    supports: (node, types) => device.supports(node, types),
    createState: (values) => device.createState(values),
    compile: (graph, options) => device.compile(graph, options),
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
}

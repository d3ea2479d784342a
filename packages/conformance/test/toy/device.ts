// A toy backend, to learn from: what CONTRIBUTING.md's "Add a backend" asks for, and nothing more. Float32 loops; nothing
// here is fast.
import type { Backend, Device, DeviceInfo } from '@isonet/core';
import { BackendError, legalize } from '@isonet/core';
import { kernels } from './kernels.ts';
import { ToyProgram } from './program.ts';
import { ToyState } from './state.ts';

const info: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'float32 loops in JavaScript' };

const supports: Device['supports'] = ({ op }) => Object.hasOwn(kernels, op) || `there is no kernel for ${op}`;

const device: Device = {
  info,
  numerics: { float: 'float32', reproducible: true, subnormals: true, nonFinite: true },
  lost: new Promise(() => {}), // Never: nothing could go away.
  supports,
  createState: async (values) => new ToyState(values),
  compile: async (graph) => new ToyProgram(legalize(graph, supports)),
  [Symbol.asyncDispose]: async () => {},
};

export const toy: Backend = {
  name: 'toy',
  probe: async () => ({ ok: true, devices: [info] }),
  open: async (id = info.id) => {
    if (id !== info.id) throw new BackendError('NO_DEVICE', `toy: no device "${id}"; there is "${info.id}"`);
    return device;
  },
};

// A whole backend made of loops over host arrays: the table of its kernels is all that it supplies. The float64 oracle is
// one; so is a first backend of one's own.
import { BackendError, defined } from '../errors.ts';
import type { Node, ValueId } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { sizeOf } from '../tensor.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import type { Backend, Claims, Device, DeviceInfo } from './contract.ts';
import { makeDevice } from './device.ts';
import { checkOptions } from './feeds.ts';
import { interpreted } from './interpreter.ts';
import type { Kernels } from './kernels.ts';
import { inTable, kernelFor } from './kernels.ts';
import type { SyncMemory } from './memory.ts';

/** The array that holds the values of a tensor. */
export type HostData = Tensor['data'];

/** Kernels from tensors to the data of their result. Floats are float64 where the backend holds them so. */
export interface HostKernelTypes {
  readonly input: Tensor;
  readonly output: TensorType;
  readonly context: undefined;
  readonly result: HostData;
}

/** The parts of a backend that {@link hostBackend} makes. */
export interface HostBackendOptions {
  /** For messages and plans. */
  readonly name: string;
  /** Its only device. */
  readonly info: DeviceInfo;
  /** What it claims of float32: the suite tests every claim. */
  readonly claims: Claims;
  /** What decides bits besides the graph, e.g. the version of the package. */
  readonly runtime: string;
  /** One for each primitive, and for the composites that it runs natively. */
  readonly kernels: Kernels<HostKernelTypes>;
}

/**
 * A backend with one device, which runs graphs node by node. Its `open` takes the option `device`, the id of that device, and
 * throws BackendError `NO_DEVICE` for another one.
 */
export function hostBackend({ name, info, claims, runtime, kernels }: HostBackendOptions): Backend {
  const memory = hostMemory(claims.heldAs);
  return {
    name,
    contract: 2,
    probe: () => Promise.resolve({ ok: true, devices: [info] }),
    open: async (options = {}): Promise<Device> => {
      checkOptions(name, options, ['device']);
      const { device = info.id } = options;
      if (device !== info.id) {
        throw new BackendError('NO_DEVICE', `${name}: no device "${device}"; there is "${info.id}"`);
      }
      return makeDevice({
        backend: name,
        info,
        numerics: { float32: claims },
        runtime,
        options,
        memory,
        order: 'immediate',
        supports: inTable(kernels),
        build: ({ graph }) => {
          const typeAt = (value: ValueId): TensorType => typeOf(graph, value);
          const compute = (node: Node, at: (value: ValueId) => Tensor): readonly Tensor[] => {
            const kernel = defined(kernelFor(kernels, node), `the kernel of ${node.op}`);
            const [output] = node.outputs; // Primitives have one.
            return [hostTensor(typeAt(output), claims.heldAs, kernel(at, typeAt, undefined))];
          };
          return interpreted({ graph, memory, compute });
        },
      });
    },
  };
}

/** Arrays of the host. A held array is never written to again, so values share it; what enters or leaves is copied. */
export function hostMemory(heldAs: Claims['heldAs']): SyncMemory<Tensor> {
  const copied = (tensor: Tensor): Tensor => {
    const data = zeros(tensor, heldAs);
    data.set(tensor.data);
    return hostTensor(tensor, heldAs, data);
  };
  return {
    upload: (tensors) => tensors.map(({ tensor }) => copied(tensor)),
    download: (entries) => Object.fromEntries(entries.map(({ name, handle }) => [name, copied(handle)])),
  };
}

/** An array of zeros for a value of this type. */
export function zeros({ dtype, shape }: TensorType, heldAs: Claims['heldAs']): HostData {
  const size = sizeOf(shape);
  switch (dtype) {
    case 'int32':
      return new Int32Array(size);
    case 'uint32':
      return new Uint32Array(size);
    case 'bool':
      return new Uint8Array(size);
    default:
      return heldAs === 'float64' ? new Float64Array(size) : new Float32Array(size);
  }
}

function hostTensor({ dtype, shape }: TensorType, heldAs: Claims['heldAs'], data: HostData): Tensor {
  const isFloat = dtype === 'float32' || dtype === 'float64';
  // The array was made for this dtype; TypeScript cannot tie the two together here.
  return { dtype: isFloat ? heldAs : dtype, shape, data } as Tensor;
}

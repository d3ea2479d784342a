// Builds a complete backend from a table of kernels that loop over host arrays. The float64 reference backend
// is built this way; this is also the quickest way to start a new backend.
import { BackendError, defined } from '../errors.ts';
import type { Node, ValueId } from '../graph/graph.ts';
import { nodeText } from '../graph/print.ts';
import { typeOf } from '../graph/typeOf.ts';
import { arrayClasses, sizeOf, typeText } from '../tensor.ts';
import type { DType, Tensor, TensorType } from '../tensor.ts';
import type { Backend, Claims, Device, DeviceInfo } from './contract.ts';
import { makeDevice } from './device.ts';
import { checkOptions } from './feeds.ts';
import { interpreted } from './interpreter.ts';
import type { Kernels } from './kernels.ts';
import { inTable, kernelFor } from './kernels.ts';
import type { SyncMemory } from './memory.ts';

/** The array of a tensor's values. */
export type HostData = Tensor['data'];

/**
 * The types of kernels that map input tensors to the data of the result, in row-major order: a Float32Array
 * (Float64Array if the backend holds float64), Int32Array, Uint32Array or, for bool, Uint8Array. A composite
 * with several outputs returns a list.
 */
export interface HostKernelTypes {
  readonly input: Tensor;
  readonly output: TensorType;
  readonly context: undefined;
  readonly result: HostData | readonly HostData[];
}

/** The options of {@link hostBackend}. */
export interface HostBackendOptions {
  /** The backend's name, for messages and plans. */
  readonly name: string;
  /** Its only device. */
  readonly info: DeviceInfo;
  /** Its claims about float32. The conformance suite tests every claim. */
  readonly claims: Claims;
  /** Everything besides the graph that affects result bits, e.g. the version of the package. */
  readonly runtime: string;
  /** One kernel per primitive, and per composite that runs natively. */
  readonly kernels: Kernels<HostKernelTypes>;
}

/**
 * Creates a backend with one device that runs graphs node by node, and supports exactly the ops of the table. Its `open` accepts
 * the option `device`, and throws BackendError `NO_DEVICE` for any other id. Reading a run throws
 * BackendError `KERNEL` if a kernel returned an array of the wrong kind or length.
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
        throw new BackendError('NO_DEVICE', `${name}: no device "${device}"; use "${info.id}"`);
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
            const made = kernel(at, typeAt, undefined);
            const results = isList(made) ? made : [made];
            return node.outputs.map((output, i) => resultOf(node, typeAt(output), claims.heldAs, results[i]));
          };
          return interpreted({ graph, memory, compute });
        },
      });
    },
  };
}

/** Returns memory of host arrays. Stored arrays are immutable, so values can share them; uploads and downloads copy. */
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

/** Returns an array of zeros for a value of this type. */
export function zeros({ dtype, shape }: TensorType, heldAs: Claims['heldAs']): HostData {
  return new arrayClasses[heldDtype(dtype, heldAs)](sizeOf(shape));
}

function heldDtype(dtype: DType, heldAs: Claims['heldAs']): DType {
  return dtype === 'float32' || dtype === 'float64' ? heldAs : dtype;
}

function isList(made: HostKernelTypes['result']): made is readonly HostData[] {
  return Array.isArray(made);
}

/** Returns a kernel's result as a tensor. @throws BackendError `KERNEL` for an array of the wrong kind or length */
function resultOf(
  node: Node,
  type: TensorType,
  heldAs: Claims['heldAs'],
  // A kernel written in JavaScript may return anything.
  data: HostData | undefined,
): Tensor {
  const kind = arrayClasses[heldDtype(type.dtype, heldAs)];
  const size = sizeOf(type.shape);
  if (data instanceof kind && data.length === size) return hostTensor(type, heldAs, data);
  const got = data === undefined ? 'undefined' : `${data.constructor.name}(${data.length})`;
  throw new BackendError(
    'KERNEL',
    `${nodeText(node)}: expected its kernel to return ${kind.name}(${size}) for ${typeText(type)}, got ${got}`,
  );
}

function hostTensor({ dtype, shape }: TensorType, heldAs: Claims['heldAs'], data: HostData): Tensor {
  // The array was created for this dtype; TypeScript cannot relate the two here.
  return { dtype: heldDtype(dtype, heldAs), shape, data } as Tensor;
}

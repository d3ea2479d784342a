// A compiled program: it runs the nodes in the graph's order. TensorFlow.js computes synchronously, so all work is done when a run
// returns.
import type { Executable, Graph, Node, SyncMemory, TensorType, ValueId } from '@isonet/core';
import { BackendError, defined, interpreted, kernelFor, messageOf, nodeText, typeOf } from '@isonet/core';
import { bits } from './bits.ts';
import { DeviceTensor } from './deviceTensor.ts';
import { kernels } from './kernels/index.ts';
import type { OpenProvider } from './providers/provider.ts';
import { enter, scoped } from './tf.ts';

export function executable(
  provider: OpenProvider,
  memory: SyncMemory<DeviceTensor>,
  graph: Graph,
): Executable<DeviceTensor> {
  const { tf, images } = provider;
  const typeAt = (value: ValueId): TensorType => typeOf(graph, value);
  const compute = (node: Node, at: (value: ValueId) => DeviceTensor): readonly DeviceTensor[] => {
    const kernel = defined(kernelFor(kernels, node), `the kernel of ${nodeText(node)}`);
    const [output] = node.outputs; // All primitives, and all composites in the kernel table, have one output.
    return [
      scoped(tf, () => {
        const { tensor, layout } = kernel(at, typeAt, { tf, images });
        return new DeviceTensor(tf, typeAt(output).shape, tensor, layout);
      }),
    ];
  };
  const keep = (value: DeviceTensor): DeviceTensor => scoped(tf, () => value.rowMajorCopy());
  const steps = interpreted({ graph, memory, compute, keep });
  return {
    ...steps,
    digest: bits,
    run: (request) => {
      enter(provider);
      try {
        return steps.run(request);
      } catch (cause) {
        const reason = messageOf(cause)
          .split(/\s*\n\s*/)
          .join(' ');
        throw new BackendError('RUN', `${graph.name}: TensorFlow.js failed: ${reason}`, { cause });
      }
    },
  };
}

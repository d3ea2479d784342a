// Devices that are wrong on purpose, and a correct one: the reference with other kernels. A check that no wrong device
// fails would prove nothing.
import type { Device, Node, Tensor } from '@isonet/core';
import { hostMemory, interpreted, makeDevice } from '@isonet/core';
import { kernels } from '../../../backend-reference/src/kernels/index.ts';
import { referenceDevice } from '../../src/oracle.ts';
import { resultsOf, workOf } from './evaluate.ts';
import type { Work } from './mutant.ts';
import { mutantNamed } from './table.ts';
import { valued } from './tensors.ts';

/** Computes a node in place of the reference, or returns undefined to leave it to the reference. */
export type Kernel = (work: Work) => readonly Tensor[] | undefined;

/**
 * Returns the reference with a mutant, `conv2d: a dropped tap`, in place of that op's kernel.
 * @param where the nodes that the mutant computes; by default all nodes of the op
 */
export function mutatedDevice(name: string, where: (node: Node) => boolean = () => true): Promise<Device> {
  const { op, kernel } = mutantNamed(name);
  return deviceWith(
    (work) => {
      if (work.node.op !== op || !where(work.node)) return undefined;
      const outcome = kernel(work);
      return typeof outcome === 'string' ? undefined : outcome;
    },
    (node) => node.op === op,
  );
}

/** Returns an honest float32 device: the reference with every result rounded to float32. */
export function float32Device(): Promise<Device> {
  return deviceWith(({ right }) => right().map((y) => (y.dtype === 'float64' ? valued(y, Math.fround) : y)));
}

/**
 * Returns the reference with some kernels replaced. @param native the composites that the kernel computes; the others
 * are decomposed
 */
export async function deviceWith(
  kernel: Kernel,
  native: (node: Node) => boolean = () => false,
): Promise<Device> {
  const { info, numerics } = await referenceDevice();
  const memory = hostMemory('float64');
  return makeDevice({
    backend: 'mutated reference',
    info,
    numerics,
    runtime: 'mutated',
    options: {},
    memory,
    order: 'immediate',
    supports: (node) => Object.hasOwn(kernels, node.op) || native(node) || `${node.op} is decomposed`,
    build: ({ graph }) =>
      interpreted<Tensor>({
        graph,
        memory,
        compute: (node, at) => kernel(workOf(node, node.inputs.map(at))) ?? resultsOf(graph, node, at),
      }),
  });
}

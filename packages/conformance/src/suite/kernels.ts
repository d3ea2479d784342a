// Finds out which ops a device has kernels for, by compiling the forward graph of each of their cases.
import type { Device, Graph, OpName } from '@isonet/core';
import { opNames, UnsupportedOpError } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { casesOf } from '../cases/table.ts';

/**
 * - 'native': the device has a kernel for every case.
 * - 'decomposed': it has no kernel and runs the op's decomposition.
 * - 'partly': it has a kernel for some cases and decomposes the others.
 * - 'refused': it refuses at least one case.
 */
export type OpSupport = 'native' | 'decomposed' | 'partly' | 'refused';

/** Describes how a device runs one op. */
export interface OpCompatibility {
  readonly op: OpName;
  readonly support: OpSupport;
  /**
   * For 'partly', one line for each case that is decomposed; for 'refused', one line for each refused case, with the
   * device's reason.
   */
  readonly notes: readonly string[];
}

/** Describes how a device runs each op, as plain JSON. */
export interface DeviceCompatibility {
  /** Backend and device: `tfjs (wasm)`. */
  readonly name: string;
  readonly ops: readonly OpCompatibility[];
}

/**
 * Compiles the forward graph of every case of every op, without running it.
 * @param name the name in the result: `tfjs (wasm)`
 * @param ops default: all
 * @throws any error of `compile` except UnsupportedOpError, which counts as a refusal
 */
export async function compatibility(
  name: string,
  device: Device,
  ops: readonly OpName[] = opNames,
): Promise<DeviceCompatibility> {
  const found: OpCompatibility[] = [];
  for (const op of ops) found.push(await compatibilityOf(device, op));
  return { name, ops: found };
}

async function compatibilityOf(device: Device, op: OpName): Promise<OpCompatibility> {
  const [decomposed, refused]: [string[], string[]] = [[], []];
  let native = 0;
  for (const test of casesOf[op]) {
    const support = await supportOfCase(device, op, test);
    if (support === 'native') native++;
    else if (support === 'decomposed') decomposed.push(`${test.key}: decomposed`);
    else refused.push(`${test.key}: ${support.reason}`);
  }
  if (refused.length > 0) return { op, support: 'refused', notes: refused };
  if (decomposed.length === 0) return { op, support: 'native', notes: [] };
  return native === 0
    ? { op, support: 'decomposed', notes: [] }
    : { op, support: 'partly', notes: decomposed };
}

async function supportOfCase(
  device: Device,
  op: OpName,
  test: Case,
): Promise<'native' | 'decomposed' | { readonly reason: string }> {
  try {
    await using program = await device.compile(test.forward());
    return hasOp(program.graph, op) ? 'native' : 'decomposed';
  } catch (error) {
    if (!(error instanceof UnsupportedOpError)) throw error;
    const reasons = new Set(error.refusals.map(({ reason }) => reason));
    return { reason: reasons.size > 0 ? [...reasons].join('; ') : error.message };
  }
}

function hasOp({ nodes }: Graph, op: OpName): boolean {
  return nodes.some((node) => node.op === op);
}

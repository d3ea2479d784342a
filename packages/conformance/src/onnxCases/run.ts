// Runs ONNX's backend tests on one device, and holds the outcome to the list.
import type { Device } from '@isonet/core';
import { IsonetError } from '@isonet/core';
import { mismatch } from './compare.ts';
import type { OnnxCaseList } from './list.ts';
import type { Prepared, PreparedSet } from './prepare.ts';
import { isFolded } from './prepare.ts';

/** What became of a case. `xfail` is one that the list has among the rest, and that did not pass. */
export type OnnxStatus = 'passed' | 'failed' | 'xfail' | 'unexpected pass' | 'unlisted';

/** The outcome of a case on a device. */
export interface OnnxOutcome {
  readonly key: string;
  readonly status: OnnxStatus;
  /** Why it did not pass. */
  readonly reason?: string;
}

/** Whether an outcome is an error: a listed case that fails, one of the rest that passes, one that the list does not know. */
export function isOnnxError({ status }: OnnxOutcome): boolean {
  return status === 'failed' || status === 'unexpected pass' || status === 'unlisted';
}

/** Runs a case. @throws what is no fault of the case: a lost device, say */
export async function runOnnxCase(
  device: Device,
  prepared: Prepared,
  { passing, folded, rest }: OnnxCaseList,
): Promise<OnnxOutcome> {
  const { key } = prepared;
  const reason = 'reason' in prepared ? prepared.reason : await failureOf(device, prepared.sets);
  const why = reason === undefined ? {} : { reason };
  const others = isFolded(prepared) ? passing : folded;
  if (others.includes(key))
    return {
      key,
      status: 'failed',
      reason: `listed as ${others === passing ? 'run by a device, and is folded' : 'folded, and is run by a device'}`,
    };
  if (passing.includes(key) || folded.includes(key)) {
    return { key, status: reason === undefined ? 'passed' : 'failed', ...why };
  }
  if (!Object.hasOwn(rest, key)) return { key, status: 'unlisted', ...why };
  return { key, status: reason === undefined ? 'unexpected pass' : 'xfail', ...why };
}

/** Why the first data set that fails does; undefined where all pass. */
async function failureOf(device: Device, sets: readonly PreparedSet[]): Promise<string | undefined> {
  for (const set of sets) {
    const reason = await failure(device, set);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function failure(
  device: Device,
  { graph, values, feeds, expected }: PreparedSet,
): Promise<string | undefined> {
  try {
    await using state = await device.createState(values);
    await using program = await device.compile(graph);
    const outputs = await program.run(state, feeds).read();
    for (const [name, tensor] of expected) {
      const wrong = mismatch(name, tensor, outputs[name]);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  } catch (error) {
    if (error instanceof IsonetError) return error.message;
    throw error;
  }
}

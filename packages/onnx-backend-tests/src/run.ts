// Runs ONNX's backend tests on one device, and compares the outcomes with the list.
import type { Device } from '@isonet/core';
import { IsonetError } from '@isonet/core';
import { mismatch } from './compare.ts';
import type { OnnxCaseList } from './list.ts';
import type { Prepared, PreparedSet } from './prepare.ts';
import { isFolded } from './prepare.ts';

/** The status of a case that ran. `xfail` means that the case failed, and that the list expects it to. */
export type OnnxStatus = 'passed' | 'failed' | 'xfail' | 'unexpected pass' | 'unlisted';

/** The outcome of a case on a device. */
export interface OnnxOutcome {
  readonly key: string;
  readonly status: OnnxStatus;
  /** Why it did not pass. */
  readonly reason?: string;
}

/** Returns whether an outcome differs from the list: a failure, an unexpected pass, or a case that is not listed. */
export function differsFromList({ status }: OnnxOutcome): boolean {
  return status === 'failed' || status === 'unexpected pass' || status === 'unlisted';
}

/**
 * Runs a case.
 * @throws any error that is not an IsonetError; an IsonetError makes the case fail
 */
export async function runOnnxCase(
  device: Device,
  prepared: Prepared,
  {
    list,
    backend,
  }: {
    readonly list: OnnxCaseList;
    /** The name of the device's backend. */
    readonly backend: string;
  },
): Promise<OnnxOutcome> {
  const { key } = prepared;
  const reason = 'reason' in prepared ? prepared.reason : await failureOf(device, prepared.sets);
  const why = reason === undefined ? {} : { reason };
  const listed = expectationOf(list, key, backend);
  if (listed === undefined) return { key, status: 'unlisted', ...why };
  if (listed === 'fails') return { key, status: reason === undefined ? 'unexpected pass' : 'xfail', ...why };
  const now = isFolded(prepared) ? 'folds' : 'passes';
  if (reason === undefined && now !== listed) {
    const text = { folds: 'folded while it is read', passes: 'run by the device' };
    return { key, status: 'failed', reason: `expected to be ${text[listed]}, is ${text[now]}` };
  }
  return { key, status: reason === undefined ? 'passed' : 'failed', ...why };
}

function expectationOf(
  { passing, folded, partly, rest }: OnnxCaseList,
  key: string,
  backend: string,
): 'passes' | 'folds' | 'fails' | undefined {
  if (passing.includes(key)) return 'passes';
  if (folded.includes(key)) return 'folds';
  const some = Object.hasOwn(partly, key) ? partly[key] : undefined;
  if (some) return some.failsOn.includes(backend) ? 'fails' : 'passes';
  return Object.hasOwn(rest, key) ? 'fails' : undefined;
}

/** Returns the failure of the first data set that fails. @returns undefined if all pass */
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

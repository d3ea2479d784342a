// Diagnoses a non-finite training step: checks its feeds and state, then runs it again and tests every node.
import type { Program, State } from '../backend/contract.ts';
import { scalarOf } from '../backend/feeds.ts';
import { isLost, messageOf, NonFiniteError } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';
import { dimOf } from '../tensor.ts';
import { sampleText } from './task/task.ts';

/** A run of a step that may have to be repeated for diagnosis. */
export interface SuspectRun {
  readonly feeds: Tensors;
  /** The position of its first sample in the step's batch; undefined if gradients are fed instead of a batch. */
  readonly first?: number;
  /** The original indices of the batch's samples, if known. */
  readonly origins?: Uint32Array | undefined;
  readonly diagnosis: () => Promise<Diagnosis>;
}

/** A step, and the program that reports which of its values are finite: see `finiteness`. */
export interface Diagnosis {
  readonly step: Graph;
  readonly program: Program;
}

/**
 * Returns the error of a non-finite step.
 * @param step counted from 1
 * @param state the state before the step, which has updated nothing
 */
export async function nonFiniteStep(
  step: number,
  loss: number,
  state: State,
  runs: readonly SuspectRun[],
): Promise<NonFiniteError> {
  const cause =
    fedCause(runs) ?? (await stateCause(state)) ?? (await computedCause(state, runs).catch(unknownCause));
  const { layer, op, phase } = cause;
  const message = `step ${step}: ${cause.text} (loss ${loss}); training halted before its update; ${cause.fix}`;
  return new NonFiniteError(message, { step, layer, op, phase });
}

/** Returns the error of a step that follows a non-finite one. Steps are counted from 1. */
export function stepNotMade(step: number, { origin }: NonFiniteError): NonFiniteError {
  return new NonFiniteError(
    `step ${step}: skipped because step ${origin.step} was not finite and halted training; restore finite values first`,
    origin,
  );
}

interface Cause {
  readonly text: string;
  readonly fix: string;
  readonly layer?: string;
  readonly op?: string;
  readonly phase?: string;
}

const LOWER_RATE = 'try a lower learning rate, or clip the gradients (clipNorm)';

/** Returns the problem with the feeds, if any. */
function fedCause(runs: readonly SuspectRun[]): Cause | undefined {
  for (const { feeds, first, origins } of runs) {
    for (const [name, { dtype, shape, data }] of Object.entries(feeds)) {
      if (dtype !== 'float32' && dtype !== 'float64') continue;
      const at = data.findIndex((value) => !Number.isFinite(value));
      if (at < 0) continue;
      if (first === undefined && (name === 'loss' || shape.length > 0)) {
        return { text: `${name} contains ${data[at]}`, fix: 'check the gradients that are applied' };
      }
      if (first === undefined || shape.length === 0)
        return { text: `${name} is ${data[at]}`, fix: 'check the schedule' };
      const sample = first + Math.floor(at / (data.length / dimOf(shape, 0)));
      return { text: `${name} of ${sampleText(sample, origins)} contain ${data[at]}`, fix: 'check the data' };
    }
  }
  return undefined;
}

/** Returns the problem with the state, if any. Steps keep it finite, but other writes may not. */
async function stateCause(state: State): Promise<Cause | undefined> {
  for (const [name, { dtype, data }] of Object.entries(await state.read())) {
    const bad = dtype.startsWith('float') ? data.find((value) => !Number.isFinite(value)) : undefined;
    // Skips the scratch state of gradient accumulation.
    if (bad === undefined || name.startsWith('sum/') || name.startsWith('next/')) continue;
    return {
      text: `"${name}" contained ${bad} before the step`,
      fix: 'write finite values to the state',
      layer: name,
    };
  }
  return undefined;
}

async function computedCause(state: State, runs: readonly SuspectRun[]): Promise<Cause> {
  for (const { feeds, diagnosis } of runs) {
    const { step, program } = await diagnosis();
    try {
      const finite = await program.run(state, feeds).read();
      const node = step.nodes.find((_, i) => finite[i] !== undefined && scalarOf(finite, String(i)) !== 1);
      if (node) return nodeCause(node);
    } finally {
      await program[Symbol.asyncDispose]();
    }
  }
  return { text: 'a value was not finite, but is finite when recomputed', fix: LOWER_RATE };
}

/**
 * Returns a generic cause if the diagnosis fails, e.g. because the device is out of memory. The step is still reported as
 * non-finite.
 */
function unknownCause(error: unknown): Cause {
  if (isLost(error)) throw error;
  return {
    text: `a value was not finite; its origin could not be determined: ${messageOf(error)}`,
    fix: LOWER_RATE,
  };
}

function nodeCause({ op, origin: { layer, phase } }: Node): Cause {
  const where = layer === '' ? '' : ` of "${layer}"`;
  return {
    text: `${op}${where} (${phase}) is the first to return NaN or an infinity`,
    fix: LOWER_RATE,
    layer,
    op,
    phase,
  };
}

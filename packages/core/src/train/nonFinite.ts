// Says why a training step was not finite: by what was fed to it, else by running it again and asking each node.
import type { Program, State } from '../backend/contract.ts';
import { scalarOf } from '../backend/feeds.ts';
import { isLost, messageOf, NonFiniteError } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';
import { dimOf } from '../tensor.ts';
import { sampleText } from './task/task.ts';

/** A run of a step, to be run again. */
export interface SuspectRun {
  readonly feeds: Tensors;
  /** The position in the step's batch of its first sample; undefined where gradients are fed, and no batch. */
  readonly first?: number;
  /** Which samples of the data the step's batch has, where that is known. */
  readonly origins?: Uint32Array | undefined;
  readonly diagnosis: () => Promise<Diagnosis>;
}

/** A step, and the program that says which of its values are finite: see `finiteness`. */
export interface Diagnosis {
  readonly step: Graph;
  readonly program: Program;
}

/**
 * The error of a step that was not finite.
 * @param step from 1
 * @param state as it was before the step: none of its updates was made
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

/** The error of a later step, from 1. */
export function stepNotMade(step: number, { origin }: NonFiniteError): NonFiniteError {
  return new NonFiniteError(
    `step ${step}: not made, because step ${origin.step} was not finite and halted the training; restore finite values first`,
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

/** What is wrong with the feeds, if anything. */
function fedCause(runs: readonly SuspectRun[]): Cause | undefined {
  for (const { feeds, first, origins } of runs) {
    for (const [name, { dtype, shape, data }] of Object.entries(feeds)) {
      if (dtype !== 'float32' && dtype !== 'float64') continue;
      const at = data.findIndex((value) => !Number.isFinite(value));
      if (at < 0) continue;
      if (first === undefined && (name === 'loss' || shape.length > 0)) {
        return { text: `${name} holds ${data[at]}`, fix: 'check the gradients that are applied' };
      }
      if (first === undefined || shape.length === 0)
        return { text: `${name} is ${data[at]}`, fix: 'check the schedule' };
      const sample = first + Math.floor(at / (data.length / dimOf(shape, 0)));
      return { text: `${name} of ${sampleText(sample, origins)} hold ${data[at]}`, fix: 'check the data' };
    }
  }
  return undefined;
}

/** What is wrong with the state, if anything: steps keep it finite; outside writes may not. */
async function stateCause(state: State): Promise<Cause | undefined> {
  for (const [name, { dtype, data }] of Object.entries(await state.read())) {
    const bad = dtype.startsWith('float') ? data.find((value) => !Number.isFinite(value)) : undefined;
    // What parts of a batch have added up is not kept.
    if (bad === undefined || name.startsWith('sum/') || name.startsWith('next/')) continue;
    return {
      text: `"${name}" held ${bad} before the step`,
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
  return { text: 'a value was not finite, but is when it is computed again', fix: LOWER_RATE };
}

/** The step is to be told of as not finite, also where it cannot be taken apart: a device may be short of memory, say. */
function unknownCause(error: unknown): Cause {
  if (isLost(error)) throw error;
  return {
    text: `a value was not finite; which one could not be found: ${messageOf(error)}`,
    fix: LOWER_RATE,
  };
}

function nodeCause({ op, origin: { layer, phase } }: Node): Cause {
  const where = layer === '' ? '' : ` of "${layer}"`;
  return {
    text: `${op}${where} (${phase}) is the first to give NaN or an infinity`,
    fix: LOWER_RATE,
    layer,
    op,
    phase,
  };
}

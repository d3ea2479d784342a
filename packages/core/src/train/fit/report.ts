// Builds the report of an epoch from the training sums and the evaluations after it.
import type { Device, State } from '../../backend/contract.ts';
import type { Evaluation } from '../evaluate.ts';
import { evaluate } from '../evaluate.ts';
import type { Dataset } from '../data/dataset.ts';
import { metricsOf } from '../task/task.ts';
import type { Trainer } from '../trainer.ts';
import type { EpochReport, EpochTotals, FitOptions } from './options.ts';
import type { RunPlans } from './runPlans.ts';

/** A report, and the evaluation that decisions are based on. */
export interface Reported {
  readonly report: EpochReport;
  readonly validation: Evaluation | undefined;
}

/**
 * Evaluates on validation and test data, if given, with the averaged weights if there are any.
 * @param epoch counted from 1
 * @returns undefined if the evaluation was stopped
 */
export async function reportOf(
  options: FitOptions,
  trainer: Trainer,
  plans: RunPlans,
  epoch: number,
  { loss, count, scores, seconds }: EpochTotals,
): Promise<Reported | undefined> {
  const startedAt = Date.now();
  const averaged = await averagedState(options, trainer);
  try {
    const state = averaged ?? trainer.state;
    const validation = await measure(options, trainer.device, state, plans, options.validation);
    const test = await measure(options, trainer.device, state, plans, options.test);
    const metrics = metricsOf(scores);
    const { accuracy } = metrics;
    const report: EpochReport = {
      epoch,
      loss: loss / count,
      metrics,
      ...(accuracy === undefined ? {} : { trainAccuracy: accuracy }),
      ...(validation ? fieldsOf('validation', validation) : {}),
      ...(test ? fieldsOf('test', test) : {}),
      seconds: seconds + (Date.now() - startedAt) / 1000,
    };
    return { report, validation };
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  } finally {
    await averaged?.[Symbol.asyncDispose]();
  }
}

/** Uploads the averaged weights to the device, if there are averaged weights and data to evaluate them on. */
async function averagedState(
  { movingAverage, validation, test }: FitOptions,
  trainer: Trainer,
): Promise<State | undefined> {
  if (!movingAverage || !(validation ?? test)) return undefined;
  return trainer.device.createState(await trainer.averagedWeights());
}

async function measure(
  { model, task, signal, prefetch }: FitOptions,
  device: Device,
  state: State,
  plans: RunPlans,
  data: Dataset | undefined,
): Promise<Evaluation | undefined> {
  if (!data) return undefined;
  return evaluate({
    model,
    device,
    state,
    data,
    onBatch: () => {
      if (signal?.aborted) throw new Stopped();
    },
    ...plans.options,
    ...(task ? { task } : {}),
    ...(prefetch === undefined ? {} : { prefetch }),
  });
}

/** Returns the report's fields for one evaluation. */
function fieldsOf(of: 'validation' | 'test', { loss, metrics }: Evaluation): Partial<EpochReport> {
  const { accuracy } = metrics;
  const fields = { [`${of}Loss`]: loss, [`${of}Metrics`]: metrics };
  return accuracy === undefined ? fields : { ...fields, [`${of}Accuracy`]: accuracy };
}

/** Thrown to end an evaluation when the signal is aborted. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

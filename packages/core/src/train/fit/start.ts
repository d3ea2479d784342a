// The initial values of a training run, and its trainers.
import type { Device } from '../../backend/contract.ts';
import { isLost } from '../../errors.ts';
import type { Tensors } from '../../tensor.ts';
import { stateOf } from '../model.ts';
import { startingValues } from '../startingWeights.ts';
import type { WeightsReport } from '../startingWeights.ts';
import { Trainer } from '../trainer.ts';
import type { FitOptions } from './options.ts';
import type { RunPlans } from './runPlans.ts';

/**
 * Returns the initial values of a run and, if they include loaded weights, a report on the loaded weights.
 */
export async function startOf(options: FitOptions): Promise<{
  readonly values: Tensors;
  readonly report: WeightsReport | undefined;
}> {
  const { model, initializer, seed, resume, trainer, parameters = [] } = options;
  if (resume) return { values: resume.values, report: undefined };
  const initial = (): { readonly values: Tensors; readonly report: WeightsReport | undefined } =>
    startingValues(model.name, stateOf(model, parameters), initializer, seed, options);
  if (!trainer) return initial();
  try {
    return { values: await trainer.snapshot(), report: undefined };
  } catch (error) {
    if (!isLost(error)) throw error;
    // The trainer holds the initial values. Its first step will report that the device is lost.
    return { values: initial().values, report: undefined };
  }
}

/** Creates a trainer for the options' model on a device, with these values. */
export function newTrainer(
  options: FitOptions,
  device: Device,
  values: Tensors,
  plans: RunPlans,
): Promise<Trainer> {
  return Trainer.create({ ...options, device, values, ...plans.options });
}

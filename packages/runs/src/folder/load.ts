// Loads the model of an existing run with its trained weights, to evaluate, predict or export.
import type { Model, Tensors } from '@isonet/core';
import type { ModelEntry } from '../models.ts';
import { loadModel } from '../models.ts';
import { checkWeights } from './check.ts';
import type { RunRecord } from './record.ts';
import { modelOptions } from './record.ts';
import { RunFolder } from './runFolder.ts';

export interface LoadedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly model: Model;
  readonly weights: Tensors;
}

/**
 * @param given the run folder, relative to `cwd`
 * @throws DataError when it is no run, has no weights yet, or its files are damaged
 */
export async function loadRun(
  { cwd, models }: { readonly cwd: string; readonly models: readonly ModelEntry[] },
  given: string,
): Promise<LoadedRun> {
  const { folder, record } = await RunFolder.open(cwd, given);
  const model = await loadModel(models, record.model, modelOptions(record.options));
  const weights = await folder.readWeights();
  checkWeights(model, weights, `${folder.shown}/weights.safetensors`);
  return { folder, record, model, weights };
}

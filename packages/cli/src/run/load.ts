// A run that is there, as evaluate, predict and export want it: its model with its weights.
import type { Model, Tensors } from '@isonet/core';
import type { Context } from '../cli.ts';
import { loadModel } from '../models.ts';
import { checkWeights } from './check.ts';
import { RunFolder } from './folder.ts';
import type { RunRecord } from './record.ts';
import { modelOptions } from './record.ts';

export interface LoadedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly model: Model;
  readonly weights: Tensors;
}

/** @throws DataError when it is no run, has no weights yet, or its files are damaged */
export async function loadRun({ io, models }: Context, given: string): Promise<LoadedRun> {
  const { folder, record } = await RunFolder.open(io.cwd, given);
  const model = await loadModel(models, record.model, modelOptions(record.options));
  const weights = await folder.readWeights();
  checkWeights(model, weights, `${folder.shown}/weights.safetensors`);
  return { folder, record, model, weights };
}

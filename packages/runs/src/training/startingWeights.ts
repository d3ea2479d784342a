// The weights that a new run begins with: drawn by its recipe, or taken from another run or a file.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageClassifier, ModelState, Tensors, WeightsReport } from '@isonet/core';
import { DataError, startingValues } from '@isonet/core';
import { checkFinite } from '../folder/check.ts';
import { readTensorFile } from '../folder/files.ts';
import { folderName } from '../folder/newFolder.ts';
import type { RunOptions } from '../folder/options.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { Recipe } from '../recipes.ts';

/** The values of the first step, and which of them were taken over. */
export interface StartingPoint {
  readonly values: Tensors;
  /** Where weights were named. */
  readonly report: WeightsReport | undefined;
}

/**
 * The values that a run begins with.
 * @throws DataError for weights that cannot be read, are not finite, or, unless `partial`, are not those of the model
 */
export async function startingPoint(
  cwd: string,
  model: ImageClassifier,
  state: ModelState,
  { initializer }: Recipe,
  { weights: given, partial, seed }: RunOptions,
): Promise<StartingPoint> {
  if (given === null) return startingValues(model.name, state, initializer, seed, {});
  const { path, shown } = folderName(cwd, given);
  const weights = await readWeights(cwd, path, shown);
  for (const [name, tensor] of Object.entries(weights)) checkFinite(name, tensor, shown);
  const start = startingValues(model.name, state, initializer, seed, { weights, partialWeights: true });
  const { report } = start;
  if (report && !partial && report.loaded.length < countOf(report)) {
    throw new DataError(
      'WEIGHTS',
      `--weights ${shown}: they are not the weights of ${model.name}: ${weightsText(report)}; --partial takes over what fits`,
    );
  }
  return start;
}

/** `8 loaded, 2 not found (head.w, head.b), 1 unknown (old.w), 1 of another shape (body.w)` */
export function weightsText({ loaded, missing, unknown, mismatched }: WeightsReport): string {
  const some = (names: readonly string[], what: string): readonly string[] => {
    if (names.length === 0) return [];
    return [`${names.length} ${what} (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''})`];
  };
  return [
    `${loaded.length} loaded`,
    ...some(missing, 'not found'),
    ...some(unknown, 'unknown'),
    ...some(
      mismatched.map(({ name }) => name),
      'of another shape',
    ),
  ].join(', ');
}

function countOf({ loaded, missing, unknown, mismatched }: WeightsReport): number {
  return loaded.length + missing.length + unknown.length + mismatched.length;
}

/** Of a run folder, or of a file. */
async function readWeights(cwd: string, path: string, shown: string): Promise<Tensors> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) return (await RunFolder.open(cwd, shown)).folder.readWeights();
  if (info) return readTensorFile(path, shown);
  throw new DataError(
    'FILE_MISSING',
    `--weights ${shown}: there is no such run folder or .safetensors file: name one, e.g. ${join('runs', 'first')}`,
  );
}

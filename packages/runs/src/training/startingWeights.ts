// The initial weights of a new run: drawn by its recipe, read from its ONNX file, or loaded from another run or a file.
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

/** The initial values, and which of them were loaded. */
export interface StartingPoint {
  readonly values: Tensors;
  /** Undefined unless the request names weights. */
  readonly report: WeightsReport | undefined;
}

/**
 * Returns the initial values of a run.
 * @param own the weights of the ONNX file, if the network comes from one
 * @throws DataError for weights that cannot be read, are not finite or, unless `partial`, do not match the model
 */
export async function startingPoint(
  cwd: string,
  model: ImageClassifier,
  state: ModelState,
  { initializer }: Recipe,
  { weights: given, partial, seed }: RunOptions,
  own?: Tensors,
): Promise<StartingPoint> {
  if (given === null) {
    const { values } = startingValues(model.name, state, initializer, seed, own ? { weights: own } : {});
    return { values, report: undefined };
  }
  const { path, shown } = folderName(cwd, given);
  const weights = await readWeights(cwd, path, shown);
  for (const [name, tensor] of Object.entries(weights)) checkFinite(name, tensor, shown);
  try {
    const start = startingValues(model.name, state, initializer, seed, { weights, partialWeights: true });
    const { report } = start;
    const mismatches = report ? mismatchTexts(report) : [];
    if (partial || !report || mismatches.length === 0) return own ? mergedWith(own, start) : start;
    throw new DataError(
      'WEIGHTS',
      `not the weights of ${model.name}: ${mismatches.join(', ')}; ${fixFor(report.loaded.length)}`,
    );
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(cause.code, `--weights ${shown}: ${cause.message}`, { cause });
  }
}

/** Keeps the values of the ONNX file for all tensors that were not loaded. */
function mergedWith(own: Tensors, { values, report }: StartingPoint): StartingPoint {
  const loaded = new Set(report?.loaded);
  const taken = Object.entries(values).filter(([name]) => loaded.has(name));
  return { values: { ...own, ...Object.fromEntries(taken) }, report };
}

/** @param fitting the number of tensors that fit */
function fixFor(fitting: number): string {
  if (fitting === 0) return 'no tensor fits: name other weights';
  return `add --partial to load the ${fitting === 1 ? 'one that fits' : `${fitting} that fit`}`;
}

/** Formats a report: `8 loaded, 2 missing (head.w, head.b), 1 unknown (old.w), 1 of another shape or type (body.w)` */
export function weightsText(report: WeightsReport): string {
  return [`${report.loaded.length} loaded`, ...mismatchTexts(report)].join(', ');
}

/** Lists the reasons why tensors were not loaded, each with a count and the first names. */
function mismatchTexts({ missing, unknown, mismatched }: WeightsReport): readonly string[] {
  const reasons: readonly (readonly [reason: string, names: readonly string[]])[] = [
    ['missing', missing],
    ['unknown', unknown],
    ['of another shape or type', mismatched.map(({ name }) => name)],
  ];
  return reasons.flatMap(([reason, names]) => {
    if (names.length === 0) return [];
    const more = names.length > 3 ? ', ...' : '';
    return [`${names.length} ${reason} (${names.slice(0, 3).join(', ')}${more})`];
  });
}

/** Reads the weights of a run folder or a .safetensors file. */
async function readWeights(cwd: string, path: string, shown: string): Promise<Tensors> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) {
    const { folder, record } = await RunFolder.open(cwd, shown);
    return folder.readWeights(record);
  }
  if (info) return readTensorFile(path, shown);
  throw new DataError(
    'FILE_MISSING',
    `--weights ${shown}: no such run folder or .safetensors file; name one, e.g. ${join('runs', 'first')}`,
  );
}

// Loads a network with weights, from a run or an ONNX file.
import { resolve } from 'node:path';
import { DataError } from '@isonet/core';
import type { ExportOptions } from '@isonet/onnx';
import { UsageError } from './errors.ts';
import { readWholeText } from './folder/files.ts';
import type { LoadedRun } from './folder/load.ts';
import { loadRun } from './folder/load.ts';
import { buildModel } from './models.ts';
import { onnxEntry } from './onnxModel/onnxEntry.ts';
import { furtherMetadata, pictureMetadata } from './onnxModel/metadata.ts';
import type { Dims } from './onnxModel/onnxFile.ts';
import { isOnnxFile, readOnnxModel } from './onnxModel/onnxFile.ts';
import type { ModelContext } from './ownModel/modelFile.ts';
import type { PictureRequest } from './pictures.ts';
import { picturesOf } from './pictures.ts';
import type { TrainedModel } from './trainedModel.ts';
import { counted } from './words.ts';

/** Options for loading a network. */
export interface TrainedRequest extends PictureRequest {
  /** For a run: the model that it is expected to have, or the current path of the file of the user's own network. */
  readonly model?: string;
  /** Values for the dynamic dimensions of an ONNX file. */
  readonly dims?: Dims;
  /** For an ONNX file: a text file with one class name per line. */
  readonly classes?: string;
  /** Whether the network will be fed images, which requires a known normalization. Default true. */
  readonly feedsPictures?: boolean;
}

/** More than enough for a file of names, even for 65,536 classes. */
const MAX_NAMES_BYTES = 2 ** 24;

/**
 * Loads the network of a run or of an ONNX file.
 * @param given a run folder, its best.safetensors, or a file that ends in .onnx
 * @throws UsageError for a setting that does not apply to a run or an ONNX file, or a missing normalization; as `loadRun`
 *   or `readOnnxModel`
 */
export async function loadTrained(
  context: ModelContext,
  given: string,
  request: TrainedRequest = {},
): Promise<TrainedModel | LoadedRun> {
  const { model, dims, classes, feedsPictures = true, ...pictures } = request;
  if (isOnnxFile(given)) {
    if (model !== undefined) throw new UsageError(`--model: ${given} is already a network: leave it out`);
    return ofFile(context.cwd, given, { pictures, dims, classes, feedsPictures });
  }
  for (const [option, value] of Object.entries({ dims, classes, normalize: pictures.normalize })) {
    if (value === undefined) continue;
    throw new UsageError(
      `--${option} applies to ONNX files, but ${given} is a run, which has its own: leave it out`,
    );
  }
  const run = await loadRun(context, given, model);
  const source = {
    shown: run.shown,
    shape: run.model.input.shape,
    known: run.preprocessing,
    isExternal: false,
  };
  return { ...run, preprocessing: picturesOf(source, pictures) };
}

interface FileParts extends Required<Pick<TrainedRequest, 'feedsPictures'>> {
  readonly pictures: PictureRequest;
  readonly dims: Dims | undefined;
  readonly classes: string | undefined;
}

async function ofFile(
  cwd: string,
  given: string,
  { pictures, dims, classes, feedsPictures }: FileParts,
): Promise<TrainedModel> {
  const onnx = await readOnnxModel(cwd, given, dims);
  const entry = onnxEntry(onnx);
  const model = await buildModel(entry, {});
  const [count] = model.output.shape;
  const names = classes === undefined ? onnx.classes : await namesIn(cwd, classes, count);
  const source = { shown: onnx.shown, shape: model.input.shape, known: onnx.preprocessing, isExternal: true };
  return {
    shown: onnx.shown,
    name: model.name,
    model,
    task: entry.task,
    weights: onnx.network.values,
    classes: names ?? Array.from({ length: count }, (_, k) => `class ${k}`),
    hasClassNames: names !== undefined,
    preprocessing:
      feedsPictures || onnx.preprocessing !== undefined || pictures.normalize !== undefined
        ? picturesOf(source, pictures)
        : undefined,
    data: null,
    onnx,
  };
}

/** Returns the metadata of an exported file: its preprocessing, and the other entries of the file that it was read from. */
export function exportMetadata({
  preprocessing,
  onnx,
}: Pick<TrainedModel, 'preprocessing' | 'onnx'>): Pick<ExportOptions, 'imageNote' | 'metadata'> {
  const { imageNote, metadata } = pictureMetadata(preprocessing);
  const own = onnx === undefined ? {} : furtherMetadata(onnx.network.metadata);
  return {
    // Without a note, readers would assume values from 0 to 1.
    ...(imageNote === undefined && onnx !== undefined ? { imageNote: 'not known' } : {}),
    ...(imageNote === undefined ? {} : { imageNote }),
    metadata: { ...own, ...metadata },
  };
}

/** Reads a file of class names. @throws DataError `CLASS_NAMES` unless there is one name per class */
async function namesIn(cwd: string, given: string, count: number): Promise<readonly string[]> {
  const text = await readWholeText(resolve(cwd, given), MAX_NAMES_BYTES);
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines.length === count && lines.every((line) => line !== '')) return lines;
  const blank = lines.findIndex((line) => line === '');
  const got =
    blank >= 0 && text.trim() !== ''
      ? `a blank name on line ${blank + 1}`
      : counted(text.trim() === '' ? 0 : lines.length, 'name');
  throw new DataError(
    'CLASS_NAMES',
    `--classes ${given}: expected ${counted(count, 'name')}, one per line and class, got ${got}`,
  );
}

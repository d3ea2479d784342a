// Loads a network with weights: that of a run, or that of an ONNX file.
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

/** What may be said of a network that is named. */
export interface TrainedRequest extends PictureRequest {
  /** Of a run: the model that it should be of, or where the file of a network of the user's own is now. */
  readonly model?: string;
  /** Sizes that an ONNX file leaves open. */
  readonly dims?: Dims;
  /** Of an ONNX file: a text file with the name of each class on a line of its own. */
  readonly classes?: string;
  /** Whether it will be fed with pictures, so that it has to be known how they are normalized. Default true. */
  readonly feedsPictures?: boolean;
}

/** A file of names takes less, even of 65,536 classes. */
const MAX_NAMES_BYTES = 2 ** 24;

/**
 * The network of a run, or of an ONNX file.
 * @param given a run folder, best.safetensors in one, or a file that ends in .onnx
 * @throws UsageError for settings that one of them has no use for, or a normalization that has to be given; as `loadRun` or
 *   `readOnnxModel`
 */
export async function loadTrained(
  context: ModelContext,
  given: string,
  request: TrainedRequest = {},
): Promise<TrainedModel | LoadedRun> {
  const { model, dims, classes, feedsPictures = true, ...pictures } = request;
  if (isOnnxFile(given)) {
    if (model !== undefined) throw new UsageError(`--model: ${given} is the network itself: leave it out`);
    return ofFile(context.cwd, given, { pictures, dims, classes, feedsPictures });
  }
  for (const [option, value] of Object.entries({ dims, classes, normalize: pictures.normalize })) {
    if (value === undefined) continue;
    throw new UsageError(
      `--${option} is for an ONNX file, and ${given} is a run, which has its own: leave it out`,
    );
  }
  const run = await loadRun(context, given, model);
  const source = {
    shown: run.shown,
    shape: run.model.input.shape,
    known: run.preprocessing,
    isForeign: false,
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
  const source = { shown: onnx.shown, shape: model.input.shape, known: onnx.preprocessing, isForeign: true };
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

/** What an exported file says of its pictures, and what the file that it was read from said beside that. */
export function exportMetadata({
  preprocessing,
  onnx,
}: Pick<TrainedModel, 'preprocessing' | 'onnx'>): Pick<ExportOptions, 'imageNote' | 'metadata'> {
  const { imageNote, metadata } = pictureMetadata(preprocessing);
  const own = onnx === undefined ? {} : furtherMetadata(onnx.network.metadata);
  return {
    // Nothing would be taken for 0 to 1.
    ...(imageNote === undefined && onnx !== undefined ? { imageNote: 'not known' } : {}),
    ...(imageNote === undefined ? {} : { imageNote }),
    metadata: { ...own, ...metadata },
  };
}

/** @throws DataError `CLASS_NAMES` for another number of names than there are classes */
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
      ? `line ${blank + 1} blank`
      : counted(text.trim() === '' ? 0 : lines.length, 'name');
  throw new DataError(
    'CLASS_NAMES',
    `--classes ${given}: expected ${counted(count, 'name')}, one a line, as the network has classes, got ${got}`,
  );
}

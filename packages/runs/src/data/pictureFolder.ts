// Loads a folder of image files as the data of a run.
import { DataError, int32 } from '@isonet/core';
import type { ImageFolder, PictureDataset } from '@isonet/data';
import { loadImageFolder } from '@isonet/data';
import { command } from '../shell.ts';
import { counted } from '../words.ts';
import type { DataOptions, DataTaker } from './taker.ts';
import type { LabelledImages, ModelData } from './modelData.ts';

export { isPictureFolder } from '@isonet/data';

/**
 * Loads the image files of a folder. If it has no test part, holds out a fifth of each class, always the same images.
 * @throws DataError `DATA_MODEL` if the model's input is not an image, or the classes differ; otherwise as
 *   `loadImageFolder`
 */
export async function loadPictures(
  path: string,
  shown: string,
  taker: DataTaker,
  { strict = false, testAll = false, trainedOn, onProgress }: DataOptions,
): Promise<ModelData> {
  const { name, shape, preprocessing } = taker;
  if (preprocessing === undefined) {
    throw new DataError(
      'DATA_MODEL',
      `${name} has input shape [${shape.join(', ')}], but image files have 1 or 3 channels: change its input shape`,
    );
  }
  const folder = await loadImageFolder(path, {
    preprocessing,
    strict,
    ...(!testAll ? {} : trainedOn === undefined ? { test: 0 } : { trainedOn }),
    ...(onProgress ? { onProgress } : {}),
  });
  try {
    const labels = labelsFor(taker, shown, folder.classes, testAll);
    return {
      ...partsOf(folder, path, (part) => labelled(part, labels)),
      source: testAll && !folder.test && !folder.validation ? allText(folder, path) : folder.source,
      preprocessing: folder.preprocessing,
      isSorted: true,
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

type Parts = Pick<ModelData, 'train' | 'validation' | 'test' | 'notes'>;

/**
 * Returns the parts of a folder for the run. If the folder has no test part, its validation part is used for testing. If
 * it has neither, all of its images are used for testing.
 */
function partsOf(
  { train, validation, test, notes }: ImageFolder,
  path: string,
  made: (part: PictureDataset) => LabelledImages,
): Parts {
  if (test) {
    return { train: made(train), validation: validation && made(validation), test: made(test), notes };
  }
  const note = `${path} has a validation part but no test part: the validation images are used for testing`;
  return {
    train: made(train),
    validation: undefined,
    test: made(validation ?? train),
    notes: validation ? [...notes, note] : notes,
  };
}

/** The model's classes, and the model's label for each class of the folder. */
interface Labels {
  readonly classes: readonly string[];
  readonly labelOf: readonly number[];
}

/**
 * Matches the classes of a folder with those of the model.
 * @param canName whether the request accepts `--classes` for an ONNX file
 * @throws DataError `DATA_MODEL` for classes that the model does not have
 */
function labelsFor(
  { name, classCount, classNames, onnx }: DataTaker,
  path: string,
  classes: readonly string[],
  canName: boolean,
): Labels {
  const same = { classes, labelOf: classes.map((_, label) => label) };
  if (classCount === undefined) return same;
  const names = classNames === undefined && canName ? '; to name its classes: --classes FILE' : '';
  const fix =
    onnx === undefined
      ? `; choose another folder, or train your own network or an ONNX file that has these classes`
      : `${names}; to train it for these: ${command`npx isonet finetune ${onnx} --data ${path}`}`;
  const fail = (problem: string): DataError => new DataError('DATA_MODEL', `${problem}${fix}`);
  if (classNames === undefined) {
    if (classes.length === classCount) return same;
    throw fail(
      `${name} has ${counted(classCount, 'class', 'classes')}; ${path} has ${classes.length}, one folder each (${listed(classes)})`,
    );
  }
  const labelOf = classes.map((one) => classNames.indexOf(one));
  const unknown = classes.filter((_, k) => labelOf[k] === -1);
  if (unknown.length === 0) return { classes: classNames, labelOf };
  throw fail(`${path}: ${name} has no class "${unknown[0]}": its classes are ${listed(classNames)}`);
}

/** Describes a folder whose images are all used for testing. */
function allText({ source, train, skipped }: ImageFolder, path: string): ImageFolder['source'] {
  const shape = `[${train.imageShape.join(', ')}]`;
  const left =
    skipped.length === 0 ? '' : `; skipped ${counted(skipped.length, 'file')} that cannot be decoded`;
  const text = `data: ${counted(train.length, 'image')} ${shape} of ${counted(train.classes.length, 'class', 'classes')} from ${path}${left}`;
  return { ...source, text };
}

function listed(classes: readonly string[]): string {
  const more = classes.length > 5 ? ', ...' : '';
  return `${classes.slice(0, 5).join(', ')}${more}`;
}

function labelled(part: PictureDataset, { classes, labelOf }: Labels): LabelledImages {
  const labels = part.labels.map((label) => labelOf[label]!);
  return {
    length: part.length,
    imageShape: part.imageShape,
    classes,
    labels,
    names: part.paths,
    sha256: part.sha256,
    pixels: (indices) => part.pixels(indices),
    batch: async (indices, draw) => {
      const { inputs } = await part.batch(indices, draw);
      const own = Int32Array.from(indices, (index) => labels[index]!);
      return { inputs, labels: int32([own.length], own) };
    },
  };
}

// A folder of pictures as the data of a run.
import { DataError, int32 } from '@isonet/core';
import type { ImageFolder, PictureDataset } from '@isonet/data';
import { loadImageFolder } from '@isonet/data';
import { command } from '../shell.ts';
import { counted } from '../words.ts';
import type { DataOptions, DataTaker } from './taker.ts';
import type { LabelledImages, ModelData } from './modelData.ts';

export { isPictureFolder } from '@isonet/data';

/**
 * The pictures of a folder. Where it does not say which to test on, a fifth of each class is held out, the same one always.
 * @throws DataError `DATA_MODEL` when the model takes no pictures, or has other classes; otherwise as `loadImageFolder`
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
      `${name} takes images [${shape.join(', ')}], and pictures have 1 or 3 channels: give it such an input shape`,
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

/** Pictures for validation are tested on where there are no others, and all where a folder is not divided. */
function partsOf(
  { train, validation, test, notes }: ImageFolder,
  path: string,
  made: (part: PictureDataset) => LabelledImages,
): Parts {
  if (test) {
    return { train: made(train), validation: validation && made(validation), test: made(test), notes };
  }
  const note = `${path} has pictures for validation and none to test on: they are tested on`;
  return {
    train: made(train),
    validation: undefined,
    test: made(validation ?? train),
    notes: validation ? [...notes, note] : notes,
  };
}

/** The model's classes, and which of them each class of the folder is. */
interface Labels {
  readonly classes: readonly string[];
  readonly labelOf: readonly number[];
}

/**
 * @param canName whether the request can name the classes of an ONNX file
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
      ? `; name another folder, or train a network of your own, or an ONNX file's, that has these classes`
      : `${names}; to train it for these: ${command`npx isonet finetune ${onnx} --data ${path}`}`;
  const fail = (problem: string): DataError => new DataError('DATA_MODEL', `${problem}${fix}`);
  if (classNames === undefined) {
    if (classes.length === classCount) return same;
    throw fail(
      `${name} tells ${counted(classCount, 'class', 'classes')} apart; ${path} has ${classes.length}, a folder each (${listed(classes)})`,
    );
  }
  const labelOf = classes.map((one) => classNames.indexOf(one));
  const unknown = classes.filter((_, k) => labelOf[k] === -1);
  if (unknown.length === 0) return { classes: classNames, labelOf };
  throw fail(`${path}: ${name} has no class "${unknown[0]}": its classes are ${listed(classNames)}`);
}

/** All of them are tested on. */
function allText({ source, train, skipped }: ImageFolder, path: string): ImageFolder['source'] {
  const shape = `[${train.imageShape.join(', ')}]`;
  const left =
    skipped.length === 0 ? '' : `; ${counted(skipped.length, 'file')} cannot be decoded, and left out`;
  const text = `data: ${counted(train.length, 'picture')} ${shape} of ${counted(train.classes.length, 'class', 'classes')} from ${path}${left}`;
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

// Loads the data of a run with @isonet/data and converts it to the model's input shape.
import { resolve } from 'node:path';
import { loadDataFolder, loadFashionMnist } from '@isonet/data';
import { inMemory } from './inMemory.ts';
import { mismatchError } from './mismatch.ts';
import type { ModelData } from './modelData.ts';
import { isPictureFolder, loadPictures } from './pictureFolder.ts';
import type { DataOptions, DataTaker } from './taker.ts';

/**
 * Loads the images of a folder in any supported format, or Fashion-MNIST by default, in the model's input shape.
 * @param folder the folder as the user typed it; undefined or null: Fashion-MNIST, if it is found
 * @throws DataError `DATA_MODEL` if the model needs other channels or classes; otherwise as `loadDataFolder`,
 *   `loadImageFolder` or `loadFashionMnist`
 */
export async function loadData(
  cwd: string,
  folder: string | null | undefined,
  taker: DataTaker,
  options: DataOptions = {},
): Promise<ModelData> {
  const path = folder === undefined || folder === null ? undefined : resolve(cwd, folder);
  if (path !== undefined && (await isPictureFolder(path))) {
    return loadPictures(path, folder ?? path, taker, options);
  }
  return loadInMemory(
    path,
    path === undefined ? 'Fashion-MNIST, the default,' : `the data in ${folder}`,
    taker,
  );
}

/** Accepts any number of classes: the labels determine it. */
const ANY_COUNT = 0;

/** @param found a description of the data, for messages */
async function loadInMemory(path: string | undefined, found: string, taker: DataTaker): Promise<ModelData> {
  const { shape, classCount, preprocessing, onnx } = taker;
  const loaded =
    path === undefined ? await loadFashionMnist() : await loadDataFolder(path, classCount ?? ANY_COUNT);
  const { train, test, source } = loaded;
  const [channels, height, width] = train.imageShape;
  // Networks from ONNX files usually expect colour images, so grey images are repeated in three equal channels.
  const isGreyForColour = onnx !== undefined && channels === 1 && shape[0] === 3;
  if (
    (channels !== shape[0] && !isGreyForColour) ||
    (classCount ?? train.classes.length) !== train.classes.length
  ) {
    throw mismatchError(taker, found, loaded);
  }
  const changes = [
    ...(height === shape[1] && width === shape[2] ? [] : [`resized to ${shape[1]}x${shape[2]}`]),
    ...(isGreyForColour ? ['grey in three channels'] : []),
  ];
  return {
    train: inMemory(train, shape, preprocessing),
    validation: undefined,
    test: inMemory(test, shape, preprocessing),
    source: { ...source, text: [source.text, ...changes].join(', ') },
    preprocessing,
    isSorted: false,
    notes: [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

// The data of a run: found by @isonet/data, and brought to what the model takes.
import { resolve } from 'node:path';
import { loadDataFolder, loadFashionMnist } from '@isonet/data';
import { inMemory } from './inMemory.ts';
import { misfit } from './misfit.ts';
import type { ModelData } from './modelData.ts';
import { isPictureFolder, loadPictures } from './pictureFolder.ts';
import type { DataOptions, DataTaker } from './taker.ts';

/**
 * The images of a folder, of any kind that is read, or else Fashion-MNIST where it is found, as the model takes them.
 * @param folder as it was typed; undefined or null: what is found
 * @throws DataError `DATA_MODEL` when the model takes other channels or classes; otherwise as `loadDataFolder`, `loadImageFolder` or
 *   `loadFashionMnist`
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

/** Where any number of classes is welcome, the labels alone say how many there are. */
const ANY_COUNT = 0;

/** @param found the data, for people */
async function loadInMemory(path: string | undefined, found: string, taker: DataTaker): Promise<ModelData> {
  const { shape, classCount, preprocessing, onnx } = taker;
  const loaded =
    path === undefined ? await loadFashionMnist() : await loadDataFolder(path, classCount ?? ANY_COUNT);
  const { train, test, source } = loaded;
  const [channels, height, width] = train.imageShape;
  // Networks of ONNX files are made for pictures, which have colours; grey ones have three equal channels.
  const isGreyForColour = onnx !== undefined && channels === 1 && shape[0] === 3;
  if (
    (channels !== shape[0] && !isGreyForColour) ||
    (classCount ?? train.classes.length) !== train.classes.length
  ) {
    throw misfit(taker, found, loaded);
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

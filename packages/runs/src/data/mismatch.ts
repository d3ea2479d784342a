// Builds the error for data that does not fit a model, with possible fixes.
import { DataError } from '@isonet/core';
import type { DataFolder } from '@isonet/data';
import { idxFilesText } from '@isonet/data';
import { command } from '../shell.ts';
import { counted } from '../words.ts';
import type { DataTaker } from './taker.ts';

/** Colour datasets that `isonet data fetch` can download, by their number of classes. */
const PUBLISHED_IN_COLOUR: ReadonlyMap<number, string> = new Map([
  [10, 'cifar10'],
  [20, 'cifar100'],
  [100, 'cifar100'],
]);

/** Builds the error for data whose channels or classes differ from the model's. @param found a description of the data */
export function mismatchError(
  { name, shape, classCount, onnx }: DataTaker,
  found: string,
  { train: { imageShape, classes }, highestLabel }: DataFolder,
): DataError {
  const got = classes.length;
  const wanted = classCount ?? got;
  const shapes = `${name} needs images [${shape.join(', ')}] of ${counted(wanted, 'class', 'classes')}; ${found} has [${imageShape.join(', ')}] of ${got}`;
  // A single wrong label changes the number of classes, so the message locates the highest label.
  const why =
    highestLabel === undefined || got === wanted
      ? ''
      : `, because the highest label is ${highestLabel.label}, first at index ${highestLabel.index} of ${highestLabel.file}`;
  const published = shape[0] === 3 ? PUBLISHED_IN_COLOUR.get(wanted) : undefined;
  const orFetch =
    published === undefined ? '' : `, or fetch a dataset that fits: npx isonet data fetch ${published}`;
  const others = [
    ...(imageShape[0] === shape[0] ? [] : [`${counted(imageShape[0], 'channel')} in its input shape`]),
    ...(got === wanted ? [] : [`${got} as its output shape and in its last layer`]),
  ];
  const orChange =
    onnx === undefined
      ? `or change the network: ${others.join(', and ')}`
      : `or train a new last layer for these classes: ${command`npx isonet finetune ${onnx}`} --data FOLDER`;
  const fits = `choose a folder with images that fit, --data FOLDER, with ${idxFilesText(shape[0], wanted)}${orFetch}`;
  const fix = onnx !== undefined && got === wanted ? fits : `${fits}; ${orChange}`;
  return new DataError('DATA_MODEL', `${shapes}${why}: ${fix}`);
}

// A model's requirements for its data, and the options for loading them.
import type { Preprocessing } from '@isonet/data';
import type { RunModel } from '../models.ts';

/** A model's requirements for its data. */
export interface DataTaker {
  /** The model's name, for messages. */
  readonly name: string;
  /** `[channels, height, width]` */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** The number of classes; undefined: as many as the data has, because the last layer is replaced. */
  readonly classCount: number | undefined;
  /** The class names, if they are known. The classes of an image folder are looked up among them. */
  readonly classNames?: readonly string[] | undefined;
  /** How images are preprocessed; undefined: values from 0 to 1. */
  readonly preprocessing: Preprocessing | undefined;
  /** The path of the model's ONNX file, if any, as the user types it. */
  readonly onnx?: string | undefined;
}

/** The progress of reading image files. */
export interface PictureProgress {
  readonly done: number;
  readonly total: number;
}

/** Options of `loadData`. */
export interface DataOptions {
  /** Whether an image file that cannot be decoded is an error. Default false: it is skipped. */
  readonly strict?: boolean | undefined;
  /**
   * For an image folder without a test part: tests on all images, because none are used for training. Default false:
   * tests on a fifth of them.
   */
  readonly testAll?: boolean;
  /**
   * With `testAll`: the digest of the network's training images. A folder that contains them, such as a copy, is split
   * anyway.
   */
  readonly trainedOn?: string | undefined;
  /** Called while image files are read. */
  readonly onProgress?: ((progress: PictureProgress) => void) | undefined;
}

/** Returns a model's requirements for its data. @param classNames the class names, if they are known */
export function takerOf(
  { name, input, output }: RunModel,
  preprocessing: Preprocessing | undefined,
  classNames?: readonly string[],
): DataTaker {
  return { name, shape: input.shape, classCount: output.shape[0], preprocessing, classNames };
}

// Who takes data: what a model needs to know of them, and they of it.
import type { Preprocessing } from '@isonet/data';
import type { RunModel } from '../models.ts';

/** A model, as far as its data go. */
export interface DataTaker {
  /** For messages. */
  readonly name: string;
  /** `[channels, height, width]` */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** How many classes it tells apart; undefined: as many as the data have, because its last layer is replaced. */
  readonly classCount: number | undefined;
  /** Their names, where they are known: the classes of a folder of pictures are found among them. */
  readonly classNames?: readonly string[] | undefined;
  /** How images become tensors; undefined: values from 0 to 1. */
  readonly preprocessing: Preprocessing | undefined;
  /** Of an ONNX file, as people type it. */
  readonly onnx?: string | undefined;
}

/** How many pictures are read. */
export interface PictureProgress {
  readonly done: number;
  readonly total: number;
}

/** What `loadData` may be told. */
export interface DataOptions {
  /** A picture that cannot be decoded is an error. Default: it is left out. */
  readonly strict?: boolean | undefined;
  /** Of a folder of pictures that does not say which to test on: all of them, because none is trained on. Default: a fifth. */
  readonly testAll?: boolean;
  /** With `testAll`: the digest of what the network was trained on. A folder that holds it, a copy say, is divided all the same. */
  readonly trainedOn?: string | undefined;
  /** Called as pictures are read. */
  readonly onProgress?: ((progress: PictureProgress) => void) | undefined;
}

/** A model's side of its data. @param classNames where they are known */
export function takerOf(
  { name, input, output }: RunModel,
  preprocessing: Preprocessing | undefined,
  classNames?: readonly string[],
): DataTaker {
  return { name, shape: input.shape, classCount: output.shape[0], preprocessing, classNames };
}

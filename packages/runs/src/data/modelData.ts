// The data of a run as a model takes them, wherever they come from: files in memory, or pictures that are decoded as they are needed.
import type { Dataset } from '@isonet/core';
import type { DataSource, ImageShape, Preprocessing } from '@isonet/data';

/** Labelled images, of the shape that a model takes. */
export interface LabelledImages extends Dataset {
  readonly imageShape: ImageShape;
  /** What the labels mean: label k is `classes[k]`. */
  readonly classes: readonly string[];
  /** `[length]`. Shared, not copied: do not write. */
  readonly labels: ArrayLike<number>;
  /** `[length]`, of pictures: their paths in the folder. */
  readonly names?: readonly string[];
  /** In hex, of images and labels as they came, before any resizing: a resumed run must see the same. */
  readonly sha256: string;
  /** The images at `indices`, in that order, before they are normalized. `indices: [n] -> [n, channels, height, width]`, bytes */
  pixels(indices: ArrayLike<number>): Uint8Array | Promise<Uint8Array>;
}

/** Training and test images as a model takes them. Dispose of it, to end what decodes pictures. */
export interface ModelData extends AsyncDisposable {
  readonly train: LabelledImages;
  /** Where the data have some of their own. */
  readonly validation: LabelledImages | undefined;
  readonly test: LabelledImages;
  /** Its text says the new size, too, if there is one. */
  readonly source: DataSource;
  /** How they become tensors; undefined where the model takes no pictures, which have 1 or 3 channels. */
  readonly preprocessing: Preprocessing | undefined;
  /** Whether the images are sorted by class, so that the first ones show one class alone. */
  readonly isSorted: boolean;
  /** What was passed over, and what is odd: a line each, for people. */
  readonly notes: readonly string[];
}

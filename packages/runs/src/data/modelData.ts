// The data of a run in the shape that its model needs: held in memory, or decoded on demand from image files.
import type { Dataset } from '@isonet/core';
import type { DataSource, ImageShape, Preprocessing } from '@isonet/data';

/** Labelled images of a model's input shape. */
export interface LabelledImages extends Dataset {
  readonly imageShape: ImageShape;
  /** The class names: label k is `classes[k]`. */
  readonly classes: readonly string[];
  /** `[length]`. Shared, not copied: do not modify. */
  readonly labels: ArrayLike<number>;
  /** `[length]`, for image files: their paths in the folder. */
  readonly names?: readonly string[];
  /** The digest of images and labels before any resizing, in hex. A resumed run must see the same data. */
  readonly sha256: string;
  /**
   * Returns the images at `indices`, in that order, before normalization. `indices: [n] -> [n, channels, height, width]`,
   * bytes
   */
  pixels(indices: ArrayLike<number>): Uint8Array | Promise<Uint8Array>;
}

/** Training, validation and test images for a model. Disposing of it stops the workers that decode image files. */
export interface ModelData extends AsyncDisposable {
  readonly train: LabelledImages;
  /** The validation images, if the data has its own. */
  readonly validation: LabelledImages | undefined;
  readonly test: LabelledImages;
  /** The source. Its text includes the new size if the images are resized. */
  readonly source: DataSource;
  /** How images are preprocessed; undefined if the model's input is not an image of 1 or 3 channels. */
  readonly preprocessing: Preprocessing | undefined;
  /** Whether the images are sorted by class, so that the first ones all belong to one class. */
  readonly isSorted: boolean;
  /** Skipped files and other oddities, one line each. */
  readonly notes: readonly string[];
}

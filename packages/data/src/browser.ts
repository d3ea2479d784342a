// The part of @isonet/data that runs without Node: datasets, augmentation, exact resizing, IDX parsing, and the pixels of a
// canvas.
export type { AffineOptions } from './augment/affine.ts';
export { augmented } from './augment/augmented.ts';
export type { CutoutOptions } from './augment/cutout.ts';
export type { JitterOptions } from './augment/jitter.ts';
export type { MixupOptions } from './augment/mixup.ts';
export type { CropOptions } from './augment/move.ts';
export type { AugmentOptions } from './augment/options.ts';
export { AUGMENTATION_TEXT, parseAugmentation } from './augment/parse.ts';
export {
  createDataset,
  type ImageBatch,
  type ImageDataset,
  imageTensor,
  type LabelArray,
  type ResizedDataset,
  resized,
} from './dataset.ts';
export { FASHION_MNIST_CLASSES, FASHION_MNIST_IMAGE_SHAPE, fashionMnistDataset } from './fashionMnist.ts';
export { encodeIdx, type IdxArray, type IdxLabels, parseIdx, parseIdxLabels } from './idx/idx.ts';
export type { ImageShape } from './imageShape.ts';
export {
  type Normalization,
  type NormalizationName,
  normalizations,
  normalizationText,
  parseNormalization,
} from './normalization.ts';
export { normalized } from './picture/normalized.ts';
export type { Pixels } from './picture/colours.ts';
export { imageFromPixels } from './picture/pixels.ts';
export { type ImageSize, resizeImages } from './resize.ts';
export {
  type Background,
  type Fit,
  parsePreprocessing,
  type Preprocessing,
  preprocessing,
  preprocessingFromJson,
  type PreprocessingJson,
  type PreprocessingOptions,
  preprocessingText,
  preprocessingToJson,
} from './preprocessing.ts';

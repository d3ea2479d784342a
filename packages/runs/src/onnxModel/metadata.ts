// Reads and writes isonet's entries in the metadata of an ONNX file: the class names and the preprocessing of images.
import { DataError, shapeText } from '@isonet/core';
import type { ImageShape, Preprocessing } from '@isonet/data';
import { normalizationText, parsePreprocessing, preprocessing, preprocessingText } from '@isonet/data';
import type { ExportOptions, OnnxNetwork } from '@isonet/onnx';

type Metadata = OnnxNetwork['metadata'];

/** More than enough for a list of names, even for 65,536 classes. */
const MAX_TEXT = 2 ** 24;
/** The `images` entry that isonet 0.3.0 and earlier wrote, without `preprocessing`. */
const OLD_NOTE = 'float32 in 0..1: a byte divided by 255';

/** Returns the class names; undefined if the file has none, or has them in a format other than isonet's. */
export function classesOf(
  metadata: Metadata,
  { output }: Pick<OnnxNetwork, 'output'>,
): readonly string[] | undefined {
  const text = Object.hasOwn(metadata, 'classes') ? metadata['classes'] : undefined;
  if (text === undefined || text.length > MAX_TEXT) return undefined;
  const value = parsed(text);
  const isList = Array.isArray(value) && value.every((name) => typeof name === 'string');
  return isList && value.length === output.shape[0] ? value : undefined;
}

/**
 * Reads how images are preprocessed for the network.
 * @returns undefined if the file does not specify it
 * @throws DataError `ONNX` or `PREPROCESSING` if the entry is damaged, or is for images of a different shape
 */
export function preprocessingOf(
  metadata: Metadata,
  { input }: Pick<OnnxNetwork, 'input'>,
  shown: string,
): Preprocessing | undefined {
  const shape = imageShapeOf(input.shape);
  if (shape === undefined) return undefined;
  const text = Object.hasOwn(metadata, 'preprocessing') ? metadata['preprocessing'] : undefined;
  if (text === undefined) return metadata['images'] === OLD_NOTE ? preprocessing(shape) : undefined;
  const made = parsePreprocessing(text, `${shown}: metadata "preprocessing"`);
  if (shapeText(made.shape) === shapeText(shape)) return made;
  throw new DataError(
    'ONNX',
    `${shown}: metadata "preprocessing": expected images ${shapeText(shape)}, the shape of its input, got ${shapeText(made.shape)}`,
  );
}

/** Returns the shape if it is that of an image, which has 1 or 3 channels; otherwise undefined. */
export function imageShapeOf(shape: readonly number[]): ImageShape | undefined {
  const [channels, height, width, ...more] = shape;
  if (channels === undefined || height === undefined || width === undefined || more.length > 0)
    return undefined;
  return channels === 1 || channels === 3 ? [channels, height, width] : undefined;
}

/** Returns the export options that record in the file how its images are preprocessed. */
export function pictureMetadata(
  made: Preprocessing | undefined,
): Pick<ExportOptions, 'imageNote' | 'metadata'> {
  if (made === undefined) return {};
  const text = normalizationText(made);
  const note =
    text === 'unit'
      ? OLD_NOTE
      : text === 'none'
        ? 'float32 in 0..255: bytes'
        : `float32: (byte / 255 - mean) / std, mean [${made.mean.join(', ')}], std [${made.std.join(', ')}]`;
  return { imageNote: note, metadata: { preprocessing: preprocessingText(made) } };
}

/** Returns the metadata entries that isonet does not interpret. */
export function furtherMetadata(metadata: Metadata): Metadata {
  const own = ['images', 'classes', 'preprocessing'];
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !own.includes(name)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

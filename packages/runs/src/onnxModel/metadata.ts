// What isonet writes into the metadata of an ONNX file, and reads again: the names of the classes, and how pictures become tensors.
import { DataError, shapeText } from '@isonet/core';
import type { ImageShape, Preprocessing } from '@isonet/data';
import { normalizationText, parsePreprocessing, preprocessing, preprocessingText } from '@isonet/data';
import type { ExportOptions, OnnxNetwork } from '@isonet/onnx';

type Metadata = OnnxNetwork['metadata'];

/** A list of names takes less, even of 65,536 classes. */
const MAX_TEXT = 2 ** 24;
/** As isonet 0.3.0 and before wrote `images`, without `preprocessing`. */
const OLD_NOTE = 'float32 in 0..1: a byte divided by 255';

/** The names of the classes; undefined where the file does not say, or says it in a way that is not isonet's. */
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
 * How pictures become what the network takes.
 * @returns undefined where the file does not say
 * @throws DataError `ONNX` or `PREPROCESSING` where that is damaged, or of pictures of another shape
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
    `${shown}: metadata "preprocessing": expected pictures ${shapeText(shape)}, as its input is, got ${shapeText(made.shape)}`,
  );
}

/** Of pictures, which have 1 or 3 channels; undefined for anything else. */
export function imageShapeOf(shape: readonly number[]): ImageShape | undefined {
  const [channels, height, width, ...more] = shape;
  if (channels === undefined || height === undefined || width === undefined || more.length > 0)
    return undefined;
  return channels === 1 || channels === 3 ? [channels, height, width] : undefined;
}

/** The options by which an exported file says what it is fed. */
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

/** What a file's metadata say beside what isonet reads. */
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

// Reads an ONNX file for the commands: its network, its metadata and the external files that hold its larger tensors.
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { ImageClassifier } from '@isonet/core';
import { DataError, IsonetError, messageOf, UnsupportedOpError } from '@isonet/core';
import type { Preprocessing } from '@isonet/data';
import type { ExternalData, OnnxNetwork } from '@isonet/onnx';
import { externalFiles, openDims, readOnnx, withExternalData } from '@isonet/onnx';
import { UsageError } from '../errors.ts';
import { readWholeFile } from '../folder/files.ts';
import { folderName } from '../folder/newFolder.ts';
import { counted } from '../words.ts';
import { classesOf, preprocessingOf } from './metadata.ts';

/** Protobuf's size limit, which also applies to all external files together. */
const MAX_BYTES = 2 ** 31 - 1;

/** Values for the dynamic dimensions of a file, by name. */
export type Dims = Readonly<Record<string, number>>;

/** A network from an ONNX file. */
export interface OnnxModel {
  /** The absolute path. */
  readonly path: string;
  /** The path as the user types it. */
  readonly shown: string;
  /** The complete model, including the tensors from external files. */
  readonly bytes: Uint8Array;
  /** The digest of `bytes`, in hex. */
  readonly sha256: string;
  readonly dims: Dims;
  readonly network: OnnxNetwork;
  /** Differences from the file that the user should know about, one line each. */
  readonly notes: readonly string[];
  /** The class names; undefined if the metadata has none. */
  readonly classes: readonly string[] | undefined;
  /** How images are preprocessed; undefined if the metadata does not specify it. */
  readonly preprocessing: Preprocessing | undefined;
}

/** Returns whether a name is that of an ONNX file. */
export function isOnnxFile(name: string): boolean {
  return /\.onnx$/i.test(name);
}

/**
 * Reads an ONNX file.
 * @param given absolute, or relative to `cwd`
 * @throws DataError `FILE_MISSING` or `FILE_UNREADABLE` if the file or one of its external files cannot be read; `ONNX` if
 *   it is damaged or refers to files outside its folder; UsageError for missing or unknown dimensions; UnsupportedOpError
 *   listing every node that is not supported
 */
export async function readOnnxModel(cwd: string, given: string, dims: Dims = {}): Promise<OnnxModel> {
  const { path, shown } = folderName(cwd, given);
  const bytes = await readWholeFile(path, MAX_BYTES);
  const whole = await inFile(shown, async () => {
    const names = externalFiles(bytes);
    return names.length === 0 ? bytes : withExternalData(bytes, await readBeside(path, names));
  });
  return parseOnnxModel({ path, shown, bytes: whole, dims, name: nameOf(path) });
}

/** The input of {@link parseOnnxModel}. */
export interface OnnxBytes extends Pick<OnnxModel, 'path' | 'shown' | 'bytes' | 'dims'> {
  /** The name in messages, run folders and exported files. */
  readonly name: string;
}

/** Parses a complete model, without external files. @throws as {@link readOnnxModel} */
export async function parseOnnxModel({ name, ...file }: OnnxBytes): Promise<OnnxModel> {
  const { shown, bytes, dims } = file;
  const network = await inFile(shown, () => {
    checkDims(shown, openDims(bytes), dims);
    return Promise.resolve(readOnnx(bytes, { dims, name }));
  });
  const { metadata } = network;
  return {
    ...file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    network,
    notes: isChannelsLast(network.input.shape)
      ? [...network.report.notes, LAYOUT_NOTE]
      : network.report.notes,
    classes: classesOf(metadata, network),
    preprocessing: preprocessingOf(metadata, network, shown),
  };
}

const LAYOUT_NOTE =
  'its input is [N, height, width, channels]; isonet and the files that it exports use [N, channels, height, width]';

/** Returns whether the channels of an image, 1 or 3 of them, come last, as in Keras and TensorFlow. */
function isChannelsLast([height, width, channels, ...more]: readonly number[]): boolean {
  const isColour = (size: number | undefined): boolean => size === 1 || size === 3;
  return width !== undefined && isColour(channels) && !isColour(height) && more.length === 0;
}

/** Converts a network that expects channels-last images into one that expects channels-first images. */
function channelsFirst(network: OnnxNetwork): OnnxNetwork {
  const { input, layer } = network;
  const [height, width, channels] = input.shape;
  if (!isChannelsLast(input.shape) || height === undefined || width === undefined || channels === undefined)
    return network;
  return {
    ...network,
    input: { name: input.name, shape: [channels, height, width] },
    layer: (scope, x) => layer(scope, scope.op.transpose(x, { permutation: [0, 2, 3, 1] })),
  };
}

/**
 * Returns the network as a classifier of channels-first images, as the command line trains, evaluates and exports it.
 * @throws DataError `ONNX_CLASSIFIER` for a network that does not accept images or does not return logits
 */
export function classifierOf(read: OnnxNetwork, shown: string): ImageClassifier & OnnxNetwork {
  const { name, ...network } = channelsFirst(read);
  const { input, output } = network;
  const [channels, height, width, ...more] = input.shape;
  const [classes, ...others] = output.shape;
  if (channels === undefined || height === undefined || width === undefined || more.length > 0) {
    throw new DataError(
      'ONNX_CLASSIFIER',
      `${shown}: expected a network of images [N, channels, height, width], got ${input.name} [N, ${input.shape.join(', ')}]`,
    );
  }
  if (classes === undefined || others.length > 0) {
    throw new DataError(
      'ONNX_CLASSIFIER',
      `${shown}: expected a classifier with output [N, classes], got ${output.name} [N, ${output.shape.join(', ')}]`,
    );
  }
  return {
    ...network,
    name,
    input: { name: input.name, shape: [channels, height, width] },
    output: { name: output.name, shape: [classes] },
  };
}

/** Returns the name of the file, restricted to characters that are valid in folder names. */
function nameOf(path: string): string {
  const name = basename(path)
    .replace(/\.onnx$/i, '')
    .replaceAll(/[/\\:*?"<>|\p{C}]/gu, '-')
    .replace(/^[\s.]+/, '');
  return name === '' ? 'network' : name;
}

/**
 * Reads the external files of an ONNX file. The names are untrusted, so only files inside its folder, after resolving
 * links, are opened.
 */
async function readBeside(path: string, names: readonly string[]): Promise<ExternalData> {
  const folder = await realpath(dirname(path));
  const files: (readonly [string, Uint8Array])[] = [];
  let left = MAX_BYTES;
  for (const name of names) {
    const place = join(folder, name);
    const real = await realpath(place).catch(() => place);
    if (isAbsolute(name) || /^[A-Za-z]:/.test(name) || !isInside(folder, place) || !isInside(folder, real)) {
      throw new DataError(
        'ONNX',
        `its tensors are in "${name}", outside its folder; move that file next to the .onnx file and save the model again with that name`,
      );
    }
    const bytes = await readWholeFile(real, left);
    left -= bytes.length;
    files.push([name, bytes]);
  }
  return Object.fromEntries(files);
}

function isInside(folder: string, file: string): boolean {
  // On Windows, the path from one drive to another is absolute.
  const short = relative(folder, file);
  return short !== '' && !isAbsolute(short) && short.split(sep)[0] !== '..';
}

/** @throws UsageError for a dimension that is missing or unknown */
function checkDims(shown: string, open: readonly string[], dims: Dims): void {
  const unknown = Object.keys(dims).find((name) => !open.includes(name));
  if (unknown !== undefined) {
    const has =
      open.length === 0
        ? 'its input has no dynamic dimensions'
        : `its dynamic dimensions are ${open.join(', ')}`;
    throw new UsageError(`--dims ${unknown}=${dims[unknown]}: ${shown} has no such dimension: ${has}`);
  }
  const missing = open.filter((name) => !Object.hasOwn(dims, name));
  if (missing.length === 0) return;
  const given = open.map((name) => `${name}=${Object.hasOwn(dims, name) ? dims[name] : 224}`).join(',');
  throw new UsageError(
    `${shown}: ${counted(missing.length, 'dimension')} of its input ${missing.length === 1 ? 'is' : 'are'} dynamic (${missing.join(', ')}): set ${missing.length === 1 ? 'it' : 'them'}, e.g. --dims ${given}`,
  );
}

/** Adds the file's name to errors. */
async function inFile<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UnsupportedOpError)
      throw new UnsupportedOpError(`${shown}: ${cause.message}`, cause.refusals);
    if (cause instanceof DataError && cause.code === 'ONNX')
      throw new DataError('ONNX', `${shown}: ${cause.message}`, { cause });
    if (cause instanceof IsonetError && !(cause instanceof DataError))
      throw new DataError('ONNX', `${shown}: ${messageOf(cause)}`, { cause });
    throw cause;
  }
}

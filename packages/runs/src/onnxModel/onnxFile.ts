// An ONNX file as commands take it: read once, with the files beside it that hold its larger tensors, and what its metadata say.
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

/** Protobuf's own limit, and the files beside it together have the same. */
const MAX_BYTES = 2 ** 31 - 1;

/** Sizes of axes that a file leaves open, by the names that it gives them. */
export type Dims = Readonly<Record<string, number>>;

/** A network of an ONNX file. */
export interface OnnxModel {
  /** Absolute. */
  readonly path: string;
  /** As people type it. */
  readonly shown: string;
  /** The whole model: what lies in files beside it is inside. */
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hex. */
  readonly sha256: string;
  readonly dims: Dims;
  readonly network: OnnxNetwork;
  /** What is not as the file says: a line each, for people. */
  readonly notes: readonly string[];
  /** The names of its classes, where its metadata have them. */
  readonly classes: readonly string[] | undefined;
  /** How pictures become what it takes, where its metadata say so. */
  readonly preprocessing: Preprocessing | undefined;
}

/** Whether what was typed names an ONNX file. */
export function isOnnxFile(name: string): boolean {
  return /\.onnx$/i.test(name);
}

/**
 * Reads an ONNX file.
 * @param given absolute, or relative to `cwd`
 * @throws DataError `FILE_MISSING` or `FILE_UNREADABLE` for a file, or one beside it, that cannot be read; `ONNX` for one that is damaged,
 *   or names files outside of its folder; UsageError where sizes are missing, or given that it has no use for; UnsupportedOpError
 *   listing every node that cannot be read
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

/** What {@link parseOnnxModel} reads. */
export interface OnnxBytes extends Pick<OnnxModel, 'path' | 'shown' | 'bytes' | 'dims'> {
  /** For messages, run folders and exported files. */
  readonly name: string;
}

/** As {@link readOnnxModel}, of bytes that have everything inside. */
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
  'its input is [N, height, width, channels]: here, and where it is exported, it takes [N, channels, height, width]';

/** Keras and TensorFlow have the channels of a picture last, which are 1 or 3. */
function isChannelsLast([height, width, channels, ...more]: readonly number[]): boolean {
  const isColour = (size: number | undefined): boolean => size === 1 || size === 3;
  return width !== undefined && isColour(channels) && !isColour(height) && more.length === 0;
}

/** A network whose pictures have their channels last, of pictures that have them first. */
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
 * The network as the command line trains, measures and asks it: pictures have their channels first.
 * @throws DataError `ONNX_CLASSIFIER` for one that does not take images or gives no logits
 */
export function classifierOf(read: OnnxNetwork, shown: string): ImageClassifier & OnnxNetwork {
  const { name, ...network } = channelsFirst(read);
  const { input, output } = network;
  const [channels, height, width, ...more] = input.shape;
  const [classes, ...others] = output.shape;
  if (channels === undefined || height === undefined || width === undefined || more.length > 0) {
    throw new DataError(
      'ONNX_CLASSIFIER',
      `${shown}: expected a network that takes images [N, channels, height, width], got ${input.name} [N, ${input.shape.join(', ')}]`,
    );
  }
  if (classes === undefined || others.length > 0) {
    throw new DataError(
      'ONNX_CLASSIFIER',
      `${shown}: expected a classifier, which gives [N, classes], got ${output.name} [N, ${output.shape.join(', ')}]`,
    );
  }
  return {
    ...network,
    name,
    input: { name: input.name, shape: [channels, height, width] },
    output: { name: output.name, shape: [classes] },
  };
}

/** The name of the file, as a folder may be called. */
function nameOf(path: string): string {
  const name = basename(path)
    .replace(/\.onnx$/i, '')
    .replaceAll(/[/\\:*?"<>|\p{C}]/gu, '-')
    .replace(/^[\s.]+/, '');
  return name === '' ? 'network' : name;
}

/** The files beside an ONNX file. What it names comes from strangers: only what lies in its folder is opened, links resolved. */
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
        `its tensors are in "${name}", which lies outside of its folder; put that file beside it and save it with that name`,
      );
    }
    const bytes = await readWholeFile(real, left);
    left -= bytes.length;
    files.push([name, bytes]);
  }
  return Object.fromEntries(files);
}

function isInside(folder: string, file: string): boolean {
  // Absolute between the drives of Windows.
  const short = relative(folder, file);
  return short !== '' && !isAbsolute(short) && short.split(sep)[0] !== '..';
}

/** @throws UsageError for a size that is missing, or that no axis has */
function checkDims(shown: string, open: readonly string[], dims: Dims): void {
  const unknown = Object.keys(dims).find((name) => !open.includes(name));
  if (unknown !== undefined) {
    const has =
      open.length === 0 ? 'its input leaves no size open' : `its input leaves open ${open.join(', ')}`;
    throw new UsageError(`--dims ${unknown}=${dims[unknown]}: ${shown} has no such size: ${has}`);
  }
  const missing = open.filter((name) => !Object.hasOwn(dims, name));
  if (missing.length === 0) return;
  const given = open.map((name) => `${name}=${Object.hasOwn(dims, name) ? dims[name] : 224}`).join(',');
  throw new UsageError(
    `${shown}: ${counted(missing.length, 'size')} of its input ${missing.length === 1 ? 'is' : 'are'} open (${missing.join(', ')}): give ${missing.length === 1 ? 'it' : 'them'}, e.g. --dims ${given}`,
  );
}

/** Names the file in errors. */
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

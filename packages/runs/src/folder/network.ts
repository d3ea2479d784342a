// The file of a network of the user's own in run.json: where it is, and which network it defined.
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { DataError } from '@isonet/core';
import type { ImageClassifier } from '@isonet/core';
import { UsageError } from '../errors.ts';
import type { ModelEntry, RunModel } from '../models.ts';
import { buildModel } from '../models.ts';
import { isAnotherNetwork, networkDigest } from '../ownModel/identity.ts';
import type { ModelContext } from '../ownModel/modelFile.ts';
import { EXTENSIONS_TEXT, fileEntry, isModelFile } from '../ownModel/modelFile.ts';
import type { Fields } from './fields.ts';
import type { RecordedOnnx } from './onnx.ts';
import type { FolderName } from './newFolder.ts';
import { folderName, isThere } from './newFolder.ts';
import type { RunOptions } from './options.ts';
import { modelOptions } from './options.ts';

/** A file that defines the network of a run. */
export interface RecordedNetwork {
  /** From the run folder, with / on every system: it survives when both are moved together. */
  readonly fromRun: string;
  /** Absolute: it survives when the run folder alone is moved. */
  readonly file: string;
  /** See `networkDigest`. */
  readonly digest: string;
}

/** The record of a network whose run is in `folder`. @param file absolute */
export function describeNetwork({ path }: FolderName, file: string, model: ImageClassifier): RecordedNetwork {
  return { fromRun: relative(path, file).split(sep).join('/'), file, digest: networkDigest(model) };
}

/** Reads it from run.json. */
export function parseNetwork(fields: Fields): RecordedNetwork {
  return { fromRun: fields.text('fromRun'), file: fields.text('file'), digest: fields.text('digest') };
}

/** A run, as far as its network goes. */
export interface NetworkOwner {
  readonly model: string;
  readonly network?: RecordedNetwork;
  readonly onnx?: RecordedOnnx;
  readonly options: RunOptions;
}

/** Where the file of a network is said to be. */
export interface FileRequest {
  /** The file; undefined, or the name of the model: where it was. */
  readonly given: string | undefined;
  /** What says so, as people type it: `--model FILE`. */
  readonly option: string;
}

/**
 * Loads the file that defines the network of a run.
 * @throws DataError `MODEL_FILE` when it is gone, does not load, or defines another network; UsageError when what was given is no
 *   file
 */
export async function recordedFile(
  { cwd }: ModelContext,
  folder: FolderName,
  { model: name, network, options }: NetworkOwner & { readonly network: RecordedNetwork },
  { given, option }: FileRequest,
): Promise<{ readonly entry: ModelEntry; readonly model: RunModel }> {
  const isName = given !== undefined && !isModelFile(given);
  if (isName && given !== name) {
    const was = folderName(cwd, network.file).shown;
    throw new UsageError(
      `run "${folder.shown}" is a run of ${name} in ${was}, not of ${given}: leave it out, or name the file, which ends in ${EXTENSIONS_TEXT}`,
    );
  }
  const file = given === undefined || isName ? await whereItIs(folder, network) : resolve(cwd, given);
  if (file === undefined) {
    throw new DataError(
      'MODEL_FILE',
      `run "${folder.shown}": ${folderName(cwd, network.file).shown}, which defines its network, is gone: say where it is now with ${option}`,
    );
  }
  const entry = await fileEntry(cwd, file);
  const model = await rebuilt(entry, options);
  if (model === undefined || isAnotherNetwork(network.digest, networkDigest(model))) {
    throw new DataError(
      'MODEL_FILE',
      `run "${folder.shown}": ${entry.name} now defines another network than the one that was trained: undo the change, or name a file that defines the old one with ${option}`,
    );
  }
  return { entry, model };
}

/** Undefined where the file has no use for the run's options any more. */
async function rebuilt(entry: ModelEntry, options: RunOptions): Promise<RunModel | undefined> {
  try {
    return await buildModel(entry, modelOptions(options));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

async function whereItIs({ path }: FolderName, network: RecordedNetwork): Promise<string | undefined> {
  const places = [resolve(path, network.fromRun), ...(isAbsolute(network.file) ? [network.file] : [])];
  for (const place of places) if (await isThere(place)) return place;
  return undefined;
}

/** The model of a run as people type it: its name, or its file. */
export function typedModel(cwd: string, { model, network, onnx }: Omit<NetworkOwner, 'options'>): string {
  const file = network ?? onnx;
  return file === undefined ? model : folderName(cwd, file.file).shown;
}

// The entry for the user's own network in run.json: the path of its file, and the network that it defined.
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
import { folderName, pathExists } from './newFolder.ts';
import type { RunOptions } from './options.ts';
import { modelOptions } from './options.ts';

/** A file that defines the network of a run. */
export interface RecordedNetwork {
  /** The path relative to the run folder, with / on every system. It stays valid if both are moved together. */
  readonly fromRun: string;
  /** The absolute path. It stays valid if only the run folder is moved. */
  readonly file: string;
  /** The identity of the network; see `networkDigest`. */
  readonly digest: string;
}

/** Builds the record of a network for the run folder `path`. @param file the absolute path of the file */
export function describeNetwork({ path }: FolderName, file: string, model: ImageClassifier): RecordedNetwork {
  return { fromRun: relative(path, file).split(sep).join('/'), file, digest: networkDigest(model) };
}

/** Parses the record in run.json. */
export function parseNetwork(fields: Fields): RecordedNetwork {
  return { fromRun: fields.text('fromRun'), file: fields.text('file'), digest: fields.text('digest') };
}

/** The fields of a run that concern its network. */
export interface NetworkOwner {
  readonly model: string;
  readonly network?: RecordedNetwork;
  readonly onnx?: RecordedOnnx;
  readonly options: RunOptions;
}

/** The model that a request names. */
export interface FileRequest {
  /** The current path of the file. If undefined, or the name of the model, the recorded path is used. */
  readonly given: string | undefined;
  /** The command-line option for the file, for messages: `--model FILE`. */
  readonly option: string;
}

/**
 * Loads the file that defines the network of a run.
 * @throws DataError `MODEL_FILE` if the file is missing, does not load, or defines a different network; UsageError if
 *   the request names a different model
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
      `run "${folder.shown}" is a run of ${name} in ${was}, not of ${given}: leave the model out, or pass the file, which ends in ${EXTENSIONS_TEXT}`,
    );
  }
  const file = given === undefined || isName ? await currentPath(folder, network) : resolve(cwd, given);
  if (file === undefined) {
    throw new DataError(
      'MODEL_FILE',
      `run "${folder.shown}": ${folderName(cwd, network.file).shown}, which defines its network, is missing: pass its current path with ${option}`,
    );
  }
  const entry = await fileEntry(cwd, file);
  const model = await rebuilt(entry, options);
  if (model === undefined || isAnotherNetwork(network.digest, networkDigest(model))) {
    throw new DataError(
      'MODEL_FILE',
      `run "${folder.shown}": ${entry.name} no longer defines the network that was trained: undo the change, or choose a file that defines the original network with ${option}`,
    );
  }
  return { entry, model };
}

/** Builds the model again; undefined if the file no longer supports the run's options. */
async function rebuilt(entry: ModelEntry, options: RunOptions): Promise<RunModel | undefined> {
  try {
    return await buildModel(entry, modelOptions(options));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

async function currentPath({ path }: FolderName, network: RecordedNetwork): Promise<string | undefined> {
  const places = [resolve(path, network.fromRun), ...(isAbsolute(network.file) ? [network.file] : [])];
  for (const place of places) if (await pathExists(place)) return place;
  return undefined;
}

/** Returns the model of a run as the user types it: its name, or its file. */
export function typedModel(cwd: string, { model, network, onnx }: Omit<NetworkOwner, 'options'>): string {
  const file = network ?? onnx;
  return file === undefined ? model : folderName(cwd, file.file).shown;
}

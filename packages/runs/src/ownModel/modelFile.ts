// Loads the user's own network: an ONNX file, or a file whose default export is a model or a function that builds one from
// the options of a command.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ImageClassifier } from '@isonet/core';
import { classification, DataError, forward, messageOf, stateOf } from '@isonet/core';
import { UsageError } from '../errors.ts';
import { folderName, pathExists } from '../folder/newFolder.ts';
import type { ModelEntry, ModelOptions } from '../models.ts';
import { modelEntry } from '../models.ts';
import { onnxEntry } from '../onnxModel/onnxEntry.ts';
import type { Dims } from '../onnxModel/onnxFile.ts';
import { isOnnxFile, readOnnxModel } from '../onnxModel/onnxFile.ts';
import { versionHint } from './coreVersion.ts';
import { importFile, placeOf } from './importFile.ts';
import type { ModelExport } from './parse.ts';
import { defaultExport, parseModel } from './parse.ts';

const EXTENSION = /\.m?[jt]s$/;
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'] as const;

/** The extensions of files that define a network, for messages. */
export const EXTENSIONS_TEXT = '.ts, .mts, .js or .mjs';

/** Resolves the names and relative paths of models. */
export interface ModelContext {
  readonly cwd: string;
  readonly models: readonly ModelEntry[];
}

/** Returns whether a model is given as a file instead of a name: it has a path separator, or the extension of a model file. */
export function isModelFile(name: string): boolean {
  return /[/\\]/.test(name) || EXTENSION.test(name) || isOnnxFile(name);
}

/**
 * Looks up a model: a name in the table, an ONNX file, or the user's own file, whose code this runs.
 * @param dims values for the dynamic dimensions of an ONNX file
 * @throws UsageError for a name that is not in the table, a path without a file, or dimensions that the model does not
 *   have; DataError `MODEL_FILE` for a file that does not load or exports no model; as `readOnnxModel` for an ONNX file
 */
export async function findModel(
  { cwd, models }: ModelContext,
  name: string,
  dims?: Dims,
): Promise<ModelEntry> {
  if (isOnnxFile(name)) return onnxEntry(await readOnnxModel(cwd, name, dims));
  if (dims) throw new UsageError('--dims sets the dynamic dimensions of an ONNX file: leave it out');
  if (isModelFile(name)) return fileEntry(cwd, name);
  if (models.some((entry) => entry.name === name)) return modelEntry(models, name);
  for (const extension of [...EXTENSIONS, '.onnx']) {
    const file = `${name}${extension}`;
    if (await pathExists(resolve(cwd, file))) {
      throw new UsageError(`unknown model "${name}": to use a file, give its full name: ${file}`);
    }
  }
  // A file with another extension: `fileEntry` throws an error that lists the supported ones.
  if (await pathExists(resolve(cwd, name))) return fileEntry(cwd, name);
  return modelEntry(models, name);
}

/**
 * Loads the model of a file.
 * @param given absolute, or relative to `cwd`
 * @throws as {@link findModel}
 */
export async function fileEntry(cwd: string, given: string): Promise<ModelEntry> {
  const path = resolve(cwd, given);
  const { shown } = folderName(cwd, path);
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile() || !EXTENSION.test(path)) {
    const got = info === undefined ? 'nothing' : info.isFile() ? 'another kind of file' : 'a folder';
    throw new UsageError(
      `model "${shown}": expected a ${EXTENSIONS_TEXT} file that exports a network, or an .onnx file, found ${got}`,
    );
  }
  const exported = defaultExport(await importFile(cwd, path), shown);
  return {
    name: shown,
    text: 'Your own network',
    task: classification(),
    network: 'own',
    dropout: true,
    file: path,
    load: (options) => build(cwd, path, exported, options),
  };
}

/**
 * @throws UsageError for an option that the file does not read; DataError `MODEL_FILE` if it does not export a valid
 *   network
 */
async function build(
  cwd: string,
  path: string,
  exported: ModelExport,
  options: ModelOptions,
): Promise<ImageClassifier> {
  const { shown } = folderName(cwd, path);
  const { watched, unread } = watch(options);
  try {
    const value: unknown = typeof exported === 'function' ? await exported(watched) : exported;
    const model = parseModel(value, shown);
    forward(model, 1);
    stateOf(model);
    const [option] = unread();
    if (option !== undefined) throw new UsageError(`${option}: ${unusedText(exported, shown)}: leave it out`);
    return model;
  } catch (cause) {
    if (cause instanceof UsageError || (cause instanceof DataError && cause.code === 'MODEL_FILE'))
      throw cause;
    const hint = await versionHint(path);
    throw new DataError('MODEL_FILE', `${placeOf(cause, cwd, path)}: ${messageOf(cause)}${hint}`, { cause });
  }
}

function unusedText(exported: ModelExport, shown: string): string {
  return typeof exported === 'function'
    ? `the function that ${shown} exports does not read it`
    : `${shown} exports a model, but only a function (options) => model can read it`;
}

const FLAGS = { batchNorm: '--batch-norm', dropoutRate: '--dropout' } as const satisfies Record<
  keyof ModelOptions,
  string
>;

/**
 * Tracks which options the exported function reads, and returns the unread ones as flags: an option without effect is an
 * error.
 */
function watch(options: ModelOptions): {
  readonly watched: ModelOptions;
  readonly unread: () => readonly string[];
} {
  const read = new Set<string>();
  const getters = Object.entries(options).map(([name, value]) => {
    const get = (): unknown => {
      read.add(name);
      return value;
    };
    return [name, { enumerable: true, get }] as const;
  });
  return {
    watched: Object.defineProperties({}, Object.fromEntries(getters)),
    unread: () =>
      Object.entries(FLAGS).flatMap(([name, flag]) =>
        Object.hasOwn(options, name) && !read.has(name) ? [flag] : [],
      ),
  };
}

// Prepares a new run: validates every setting, opens the device and loads the data, before anything is written.
import type { Preprocessing } from '@isonet/data';
import { loadData } from '../data/loadData.ts';
import type { ModelData } from '../data/modelData.ts';
import type { DataTaker } from '../data/taker.ts';
import { takerOf } from '../data/taker.ts';
import type { DeviceRequest, OpenDevice } from '../devices/open.ts';
import { openDevice } from '../devices/open.ts';
import { UsageError } from '../errors.ts';
import type { RunOptions } from '../folder/options.ts';
import { modelOptions } from '../folder/options.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { ModelEntry, RunModel } from '../models.ts';
import { buildModel } from '../models.ts';
import { findModel } from '../ownModel/modelFile.ts';
import type { PictureRequest } from '../pictures.ts';
import { picturesOf } from '../pictures.ts';
import type { NewRun } from './newRun.ts';
import { createRun } from './newRun.ts';
import type { PreparedRun, PrepareListener, RunContext } from './preparedRun.ts';
import type { OwnParameters } from './programs.ts';
import { stateOfRun } from './programs.ts';
import type { TrainRequest } from './request.ts';
import { resolveOptions } from './request.ts';
import { startingPoint } from './startingWeights.ts';

/**
 * Prepares a new run of a model.
 * @param modelName a name in the table of models, or the path of a file
 * @throws UsageError for unknown names and invalid settings; BackendError for a device that is missing; DataError for data,
 *   weights or a folder that cannot be used
 */
export async function prepareRun(
  context: RunContext,
  modelName: string,
  request: TrainRequest,
  listener: PrepareListener = {},
): Promise<PreparedRun> {
  const { cwd } = context;
  const entry = await findModel(context, modelName, request.dims);
  const { recipe, options } = resolveOptions(entry, request, cwd);
  const model = await buildModel(entry, modelOptions(options));
  const pictures = requestedPictures(entry, model, request);
  const own = { head: undefined, norms: entry.onnx?.norms };
  checkStatistics(options, own);
  const state = stateOfRun(model, options, own, refuseFreeze);
  const start = await startingPoint(cwd, model, state, recipe, options, entry.onnx?.network.values);
  if (request.out !== undefined) await RunFolder.checkFree(cwd, request.out);
  return opening(context, request, listener, async (opened) => {
    if (entry.onnx) listener.onFile?.(entry.onnx.file);
    const names = entry.onnx?.file.classes;
    const taker = { ...takerOf(model, pictures, names), onnx: entry.onnx?.file.shown };
    const data = await loadRunData(cwd, request, taker, listener);
    try {
      listener.onData?.(data);
      if (start.report) listener.onWeights?.(start.report);
      const parts = { model, task: entry.task, recipe, opened, data, ...own };
      return await createRun(cwd, { ...parts, ...originOf(entry) }, options, start.values, request.out);
    } catch (error) {
      await data[Symbol.asyncDispose]();
      throw error;
    }
  });
}

/** Opens the device of a new run, and closes it if the run cannot be prepared. */
export async function opening<T>(
  { backends }: RunContext,
  request: DeviceRequest,
  { onDevice }: PrepareListener,
  prepare: (opened: OpenDevice) => Promise<T>,
): Promise<T> {
  const opened = await openDevice(backends, request);
  try {
    onDevice?.(opened);
    return await prepare(opened);
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/** Loads the data of a request. */
export function loadRunData(
  cwd: string,
  { data, strict }: TrainRequest,
  taker: DataTaker,
  { onPictures }: PrepareListener,
): Promise<ModelData> {
  return loadData(cwd, data, taker, { strict, onProgress: onPictures });
}

/**
 * Returns how the images of a new run are preprocessed.
 * @throws UsageError if neither an ONNX file nor the request specifies the normalization
 */
export function requestedPictures(
  { name, onnx }: ModelEntry,
  { input }: RunModel,
  request: PictureRequest,
): Preprocessing | undefined {
  const source = onnx
    ? { shown: onnx.file.shown, known: onnx.file.preprocessing, isExternal: true }
    : { shown: name, known: undefined, isExternal: false };
  return picturesOf({ ...source, shape: input.shape }, request);
}

/** @throws UsageError if the run has no batch norm that `batchStatistics` could apply to */
export function checkStatistics(
  { batchStatistics, freeze, freezeBody }: RunOptions,
  { norms = [] }: OwnParameters,
): void {
  if (batchStatistics === null || freezeBody || freeze.length > 0 || norms.length > 0) return;
  throw new UsageError(
    '--batch-statistics: applies to batch norm with frozen parameters: add --freeze PATTERN, or leave it out',
  );
}

/** Builds the error for patterns that match no parameters, or all of them. */
export function refuseFreeze(problem: string): UsageError {
  return new UsageError(`--freeze: ${problem}`);
}

/** Returns the source of a network that is not built in. */
export function originOf({ file, onnx }: ModelEntry): Pick<NewRun, 'file' | 'onnx'> {
  return { ...(file === undefined ? {} : { file }), ...(onnx === undefined ? {} : { onnx }) };
}

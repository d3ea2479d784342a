// Prepares a run that fine-tunes an ONNX file's network for other classes: a new last layer for the classes of the data
// replaces the old one.
import { parameterCount } from '@isonet/core';
import type { Head } from '@isonet/onnx';
import { findHead } from '@isonet/onnx';
import { UsageError } from '../errors.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { RunOptions } from '../folder/options.ts';
import { modelOptions } from '../folder/options.ts';
import { buildModel } from '../models.ts';
import { finetunedEntry, onnxEntry } from '../onnxModel/onnxEntry.ts';
import type { OnnxModel } from '../onnxModel/onnxFile.ts';
import { classifierOf, isOnnxFile, readOnnxModel } from '../onnxModel/onnxFile.ts';
import { createRun } from './newRun.ts';
import {
  checkStatistics,
  loadRunData,
  opening,
  originOf,
  refuseFreeze,
  requestedPictures,
} from './prepare.ts';
import type { PreparedRun, PrepareListener, RunContext } from './preparedRun.ts';
import { stateOfRun } from './programs.ts';
import type { FinetuneRequest } from './request.ts';
import { resolveOptions } from './request.ts';
import { startingPoint } from './startingWeights.ts';

/** A run with a new head. */
export interface FinetuneRun extends PreparedRun {
  readonly file: OnnxModel;
  readonly newHead: Head;
  /** The number of classes of the old head. */
  readonly oldClasses: number;
  /** The number of trained parameter values, and the number of all parameter values. */
  readonly trained: { readonly learned: number; readonly all: number };
}

/**
 * Prepares a new run of an ONNX file's network, with a new last layer for the classes of the data.
 * @param given the file
 * @throws UsageError for a model that is not an ONNX file; DataError `ONNX_HEAD` if the layer cannot be replaced, listing
 *   the candidates; otherwise as `prepareRun`
 */
export async function prepareFinetune(
  context: RunContext,
  given: string,
  request: FinetuneRequest,
  listener: PrepareListener = {},
): Promise<FinetuneRun> {
  const { cwd } = context;
  if (!isOnnxFile(given)) {
    throw new UsageError(
      `"${given}": finetune needs an ONNX file, whose name ends in .onnx; to start another network from existing weights: isonet train MODEL --weights RUN --partial`,
    );
  }
  if (request.data === undefined)
    throw new UsageError('finetune needs a folder of images: isonet finetune FILE.onnx --data FOLDER');
  const file = await readOnnxModel(cwd, given, request.dims);
  // Validate everything that does not depend on the classes, before the device is opened.
  const whole = onnxEntry(file);
  const resolved = resolveOptions(whole, request, cwd);
  const { recipe } = resolved;
  const norms = whole.onnx?.norms;
  const options = withStatistics(resolved.options, norms);
  const old = await buildModel(whole, modelOptions(options));
  const { parameters: head, node, classes: oldClasses } = findHead(file.network, request.head);
  const own = { head, norms };
  checkStatistics(options, own);
  stateOfRun(old, options, own, refuseFreeze);
  const pictures = requestedPictures(whole, old, request);
  if (request.out !== undefined) await RunFolder.checkFree(cwd, request.out);
  return opening(context, request, listener, async (opened) => {
    listener.onFile?.(file);
    const { name, input } = classifierOf(file.network, file.shown);
    const taker = {
      name,
      shape: input.shape,
      classCount: undefined,
      preprocessing: pictures,
      onnx: file.shown,
    };
    const data = await loadRunData(cwd, request, taker, listener);
    try {
      listener.onData?.(data);
      const entry = finetunedEntry(file, data.train.classes.length, node);
      const model = await buildModel(entry, modelOptions(options));
      const state = stateOfRun(model, options, own, refuseFreeze);
      const start = await startingPoint(cwd, model, state, recipe, options, entry.onnx?.network.values);
      if (start.report) listener.onWeights?.(start.report);
      const parts = { model, task: entry.task, recipe, opened, data, ...own };
      const run = await createRun(cwd, { ...parts, ...originOf(entry) }, options, start.values, request.out);
      const newHead = findHead(entry.onnx?.network ?? file.network, node);
      return {
        ...run,
        file,
        newHead,
        oldClasses,
        trained: { learned: parameterCount(state.learned), all: parameterCount(state.parameters) },
      };
    } catch (error) {
      await data[Symbol.asyncDispose]();
      throw error;
    }
  });
}

/**
 * Freezes batch norm unless the request overrides it: a few steps with small batches would degrade its statistics. A file
 * whose batch norm is folded into convolutions trains in the same way.
 */
function withStatistics(options: RunOptions, norms: readonly string[] | undefined): RunOptions {
  if (options.batchStatistics !== null || norms === undefined || norms.length === 0) return options;
  return { ...options, batchStatistics: 'frozen' };
}

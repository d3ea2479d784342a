// Prepares a stopped run to go on: by its own settings, on the same images, from its checkpoint.
import { BackendError, DataError, messageOf } from '@isonet/core';
import { digestOf, loadData } from '../data.ts';
import type { DeviceRequest, OpenDevice } from '../devices/open.ts';
import { openDevice } from '../devices/open.ts';
import { UsageError } from '../errors.ts';
import { checkState } from '../folder/check.ts';
import type { RunBackend } from '../folder/record.ts';
import { modelOptions } from '../folder/record.ts';
import { RunFolder } from '../folder/runFolder.ts';
import { loadModel, modelEntry } from '../models.ts';
import { recipes } from '../recipes.ts';
import type { PreparedRun, PrepareListener, RunContext } from './prepare.ts';
import { describeBackend } from './prepare.ts';
import type { TrainRequest } from './request.ts';
import { checkResumeRequest } from './request.ts';

/** Besides these, a resumed run has its own settings: any other is an error. */
export interface ResumeRequest extends TrainRequest {
  /** The model that the run should be of. Default: any. */
  readonly model?: string | undefined;
}

/**
 * A stopped run, from its last checkpoint on.
 * @param given the run folder, relative to `cwd`
 * @throws UsageError for settings that a resumed run cannot change; DataError for a run that is finished, damaged or of other
 *   images; BackendError for a device that is not there
 */
export async function prepareResumedRun(
  context: RunContext,
  given: string,
  request: ResumeRequest,
  listener: PrepareListener = {},
): Promise<PreparedRun> {
  const { cwd, models } = context;
  checkResumeRequest(request);
  const { folder, record } = await RunFolder.open(cwd, given);
  if (request.model !== undefined && request.model !== record.model) {
    throw new UsageError(
      `--resume ${given} is a run of ${record.model}, not of ${request.model}: leave the model out`,
    );
  }
  if (record.status === 'finished') {
    throw new DataError(
      'RUN_FINISHED',
      `run "${folder.shown}" is finished (${record.history.length} epochs): nothing to go on with; start another with isonet train`,
    );
  }
  const { network } = modelEntry(models, record.model);
  const recipe = recipes[record.options.recipe][network];
  const model = await loadModel(models, record.model, modelOptions(record.options));
  const saved = await folder.readCheckpoint();
  if (saved) checkState(model, recipe.optimizer, saved.values, folder.shown);
  else if (record.step > 0) {
    throw new DataError(
      'CHECKPOINT_MISSING',
      `run "${folder.shown}" stopped after ${record.step.toLocaleString('en-US')} steps, and its checkpoint.safetensors is gone: start another with isonet train`,
    );
  }
  const opened = await openAgain(context, request, record.backend);
  try {
    listener.onDevice?.(opened);
    const data = await loadData(cwd, request.data ?? record.options.data ?? undefined, model);
    listener.onData?.(data.source);
    if (digestOf(data) !== record.data.sha256) {
      throw new DataError(
        'DATA_CHANGED',
        `run "${folder.shown}" was trained on other images (${record.data.path}); name them with --data FOLDER`,
      );
    }
    const backend = describeBackend(opened, record.backend);
    return { model, recipe, data, opened, folder, record: { ...record, backend }, saved };
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the device that the run began on, unless another one is requested. */
async function openAgain(
  { backends }: RunContext,
  { backend, device }: DeviceRequest,
  before: RunBackend,
): Promise<OpenDevice> {
  if (backend !== undefined || device !== undefined) {
    return openDevice(backends, { backend: backend ?? before.name, device });
  }
  try {
    const opened = await openDevice(backends, { backend: before.name, device: before.device });
    return { ...opened, why: 'as the run began' };
  } catch (error) {
    const text = messageOf(error);
    throw new BackendError(
      'NOT_HERE',
      `the run began on ${before.name}, ${before.device}: ${text}; or go on elsewhere with --backend auto`,
      { cause: error },
    );
  }
}

// Prepares a stopped run to be resumed: by its own settings and plans, on the same images, from its checkpoint.
import { BackendError, DataError, initialize, messageOf } from '@isonet/core';
import { digestOf, loadData, trainingImages } from '../data.ts';
import type { DeviceRequest, OpenDevice } from '../devices/open.ts';
import { isUnknownOption, openDevice } from '../devices/open.ts';
import { checkCheckpoint, checkImages, checkLength } from '../folder/check.ts';
import { RECORD_FIX } from '../folder/fields.ts';
import { recordedModel } from '../folder/load.ts';
import { describeNetwork, typedModel } from '../folder/network.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { RunSegment } from '../folder/segments.ts';
import { lastSegment, withSegment } from '../folder/segments.ts';
import { recipes } from '../recipes.ts';
import { command } from '../shell.ts';
import { counted } from '../words.ts';
import { changeText, checkExact, planChange } from './changes.ts';
import type { PreparedRun, PrepareListener, RunContext } from './prepare.ts';
import { newSegment } from './prepare.ts';
import { restoreTrainer, stateOfRun } from './programs.ts';
import type { TrainRequest } from './request.ts';
import { checkResumeRequest } from './request.ts';

/** A resumed run keeps its settings: of a {@link TrainRequest}, it takes the device, its options and the data. */
export interface ResumeRequest extends TrainRequest {
  /** The model that the run should be of, or the file that now defines it. Default: any. */
  readonly model?: string | undefined;
  /** Refuses where the bits are not certain to be those of a run that was never stopped. Default false. */
  readonly exact?: boolean | undefined;
}

/**
 * A stopped run, from its last checkpoint on.
 * @param given the run folder, relative to `cwd`
 * @throws UsageError for settings that a resumed run cannot change; DataError for a run that is finished, damaged or of other
 *   images; BackendError for a device that is not there, plans that it cannot make again, or a run that it cannot resume
 *   exactly
 */
export async function prepareResumedRun(
  context: RunContext,
  given: string,
  request: ResumeRequest,
  listener: PrepareListener = {},
): Promise<PreparedRun> {
  const { cwd } = context;
  checkResumeRequest(request);
  const { folder, record } = await RunFolder.open(cwd, given);
  if (record.status === 'finished') {
    const model = typedModel(cwd, record);
    const next = (await folder.holds('weights.safetensors'))
      ? command`to start another from its weights: npx isonet train ${model} --weights ${folder.shown}`
      : command`its weights.safetensors is gone: put it back, or start another: npx isonet train ${model}`;
    throw new DataError(
      'RUN_FINISHED',
      `run "${folder.shown}" is finished: nothing is left to train; ${next}`,
    );
  }
  checkLength(record, folder.recordFile);
  const { entry, model } = await recordedModel(context, folder, record, {
    given: request.model,
    option: command`npx isonet train FILE --resume ${folder.shown}`,
  });
  const recipe = recipes[record.options.recipe][entry.network];
  const saved = await folder.readCheckpoint();
  const state = stateOfRun(
    model,
    record.options,
    (problem) =>
      new DataError('RUN_RECORD', `${folder.recordFile}: options.freeze: ${problem}; ${RECORD_FIX}`),
  );
  if (saved) checkCheckpoint(saved, state, recipe.optimizer, record, folder.checkpointFile);
  else if (record.step > 0 || record.options.weights !== null) {
    throw new DataError(
      'CHECKPOINT_MISSING',
      `run "${folder.shown}" stopped after ${counted(record.step, 'step')}, and its checkpoint.safetensors is gone: start another with npx isonet train`,
    );
  }
  const savedPlans = await folder.readPlans();
  const opened = await openAgain(context, request, lastSegment(record));
  try {
    const data = await loadData(cwd, request.data ?? record.options.data, model);
    if (digestOf(data) !== record.data.sha256) {
      throw new DataError(
        'DATA_CHANGED',
        `run "${folder.shown}" was trained on other images (${record.data.path}); name them with --data FOLDER`,
      );
    }
    const images = trainingImages(data.train, record.options);
    checkImages(images, record, folder.recordFile);
    const parts = { model, task: entry.task, recipe, opened };
    const { initializer } = recipe;
    const values = saved?.values ?? initialize(state.parameters, initializer, record.options.seed);
    const from = { folder, plans: savedPlans };
    const programs = await restoreTrainer(parts, record.options, images.train.length, values, from);
    const segment = newSegment(opened, saved === undefined ? 0 : saved.step, programs.plans);
    // Steps that were not saved are computed again.
    const before = record.segments.findLast(({ step }) => step < segment.step);
    const change = before && planChange(before, segment);
    if (request.exact) checkExact(opened, change);
    const planNote = change && changeText(change);
    listener.onDevice?.(planNote === undefined ? opened : { ...opened, why: `${opened.why}; ${planNote}` });
    listener.onData?.(data.source);
    const segments = withSegment(record.segments, segment);
    // The file may be somewhere else than it was.
    const network = entry.file === undefined ? {} : { network: describeNetwork(folder, entry.file, model) };
    const resumed = { ...record, ...network, segments };
    return { ...parts, ...programs, data, folder, record: resumed, saved, planNote };
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the device that the run was on, with the same options, unless another one is requested. */
async function openAgain(
  { backends }: RunContext,
  request: DeviceRequest,
  before: RunSegment,
): Promise<OpenDevice> {
  const { backend, device, threads = before.options.threads, tf32 = before.options.tf32 } = request;
  if (backend !== undefined || device !== undefined) {
    return openDevice(backends, { ...request, backend: backend ?? before.backend });
  }
  const sameOptions = threads === before.options.threads && tf32 === before.options.tf32;
  try {
    const opened = await openDevice(backends, {
      backend: before.backend,
      device: before.device,
      ...(threads === null ? {} : { threads }),
      ...(tf32 ? { tf32 } : {}),
    });
    return { ...opened, why: sameOptions ? 'as before' : 'as requested' };
  } catch (error) {
    // An option of this request, and not the device, is what is wrong.
    if (!sameOptions && isUnknownOption(error)) throw error;
    throw new BackendError(
      'NOT_HERE',
      `the run was on ${before.backend}, ${before.device}: ${messageOf(error)}; to resume it elsewhere: --backend auto`,
      { cause: error },
    );
  }
}

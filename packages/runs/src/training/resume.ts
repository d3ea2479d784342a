// Prepares a stopped run to be resumed from its checkpoint, with its own settings and plans and on the same images.
import { resolve } from 'node:path';
import { BackendError, DataError, messageOf } from '@isonet/core';
import { classNamesOf } from '../data/describe.ts';
import { loadData } from '../data/loadData.ts';
import type { ModelData } from '../data/modelData.ts';
import { trainingImages } from '../data/parts.ts';
import { takerOf } from '../data/taker.ts';
import type { DeviceRequest, OpenDevice } from '../devices/open.ts';
import { isUnknownOption, openDevice } from '../devices/open.ts';
import { checkCheckpoint, checkImages, checkLength } from '../folder/check.ts';
import type { SavedState } from '../folder/checkpoint.ts';
import type { FoundCheckpoint } from '../folder/checkpoints.ts';
import { RECORD_FIX } from '../folder/fields.ts';
import { recordedModel } from '../folder/load.ts';
import { checkElsewhere } from '../folder/lockSpace.ts';
import { describeNetwork } from '../folder/network.ts';
import type { RunRecord } from '../folder/record.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { RunSegment } from '../folder/segments.ts';
import { lastSegment, withSegment } from '../folder/segments.ts';
import { checkSettings } from '../folder/settings.ts';
import { picturesOf } from '../pictures.ts';
import { recipes } from '../recipes.ts';
import { command } from '../shell.ts';
import { counted } from '../words.ts';
import { changeText, checkExact, planChange } from './changes.ts';
import type { PreparedRun, PrepareListener, RunContext } from './preparedRun.ts';
import { newSegment } from './newRun.ts';
import { restoreTrainer, stateOfRun } from './programs.ts';
import type { ResumeRequest } from './request.ts';
import { changedOptions, changesOf, checkResumeRequest } from './request.ts';
import { checkChanges, checkData, finishedError, placeOf } from './resumable.ts';
import { startingPoint } from './startingWeights.ts';

/**
 * Prepares a stopped run to resume from its last checkpoint, or a finished run to train for more epochs.
 * @param given the run folder, relative to `cwd`
 * @throws UsageError for settings that a resumed run cannot change; DataError for a run that is finished, being
 *   trained, damaged or edited, or that was trained on other images; BackendError for a device that is missing, plans
 *   that it cannot reproduce, or a run that it cannot resume exactly
 */
export async function prepareResumedRun(
  context: RunContext,
  given: string,
  request: ResumeRequest,
  listener: PrepareListener = {},
): Promise<PreparedRun> {
  checkResumeRequest(request);
  const { folder } = await RunFolder.open(context.cwd, given);
  await folder.lock();
  try {
    return await prepareLocked(context, folder, request, listener);
  } catch (error) {
    await folder.release();
    throw error;
  }
}

/** Reads run.json again, because the process that held the lock before may have changed it. */
async function prepareLocked(
  context: RunContext,
  folder: RunFolder,
  request: ResumeRequest,
  listener: PrepareListener,
): Promise<PreparedRun> {
  const { cwd } = context;
  const { record } = await RunFolder.open(cwd, folder.path);
  await checkElsewhere(folder, record);
  if (record.status === 'finished' && request.epochs === undefined)
    throw await finishedError(cwd, folder, record);
  checkLength(record, folder.recordFile);
  const { entry, model } = await recordedModel(context, folder, record, {
    given: request.model,
    option: command`npx isonet train FILE --resume ${folder.shown}`,
  });
  const recipe = recipes[record.options.recipe][entry.network];
  const own = { head: entry.onnx?.head?.parameters, norms: entry.onnx?.norms };
  const state = stateOfRun(
    model,
    record.options,
    own,
    (problem) =>
      new DataError('RUN_RECORD', `${folder.recordFile}: options.freeze: ${problem}; ${RECORD_FIX}`),
  );
  const saved = await readSaved(folder, record, listener, (found) =>
    checkCheckpoint(found.saved, state, recipe.optimizer, record, found.file),
  );
  const place = placeOf(saved, record);
  const options = {
    ...changedOptions(record.options, request),
    ...(request.data === undefined ? {} : { data: resolve(cwd, request.data) }),
  };
  const changes = changesOf(record.options, options);
  checkChanges(changes, request, { ...place, record, shown: folder.shown, stopping: saved?.stopping });
  const savedPlans = await folder.readPlans();
  const opened = await openAgain(context, request, lastSegment(record));
  let data: ModelData | undefined;
  try {
    const source = {
      shown: folder.shown,
      shape: model.input.shape,
      known: record.preprocessing,
      isExternal: false,
    };
    const taker = takerOf(model, picturesOf(source, {}), classNamesOf(record));
    data = await loadData(cwd, request.data ?? record.options.data, taker, {
      strict: record.options.strict,
      onProgress: listener.onPictures,
    });
    checkData(data, folder, record);
    const images = trainingImages(data, options);
    checkImages(images, record, folder.recordFile);
    const parts = { model, task: entry.task, recipe, opened, ...own };
    const values =
      saved?.values ??
      (await startingPoint(cwd, model, state, recipe, options, entry.onnx?.network.values)).values;
    const from = { folder, plans: savedPlans };
    const programs = await restoreTrainer(parts, options, images.train.length, values, from);
    const segment = newSegment(opened, place.step, programs.plans);
    // Compare with the segment that computed the saved steps: steps that were not saved are repeated.
    const before = record.segments.findLast(({ step }) => step < segment.step);
    const change = before && planChange(before, segment);
    if (request.exact) checkExact(opened, change);
    const planNote = change && changeText(change);
    listener.onDevice?.(planNote === undefined ? opened : { ...opened, why: `${opened.why}; ${planNote}` });
    listener.onData?.(data);
    const segments = withSegment(record.segments, { ...segment, changes });
    // The file may have moved.
    const network = entry.file === undefined ? {} : { network: describeNetwork(folder, entry.file, model) };
    const steps = place.perEpoch * options.epochs;
    // The record of a run of isonet 0.3.0 lacks the digest of the test images.
    const seen = { data: { ...record.data, testSha256: data.test.sha256 } };
    const resumed = { ...unfinished(record), ...network, ...seen, options, steps, segments };
    return { ...parts, ...programs, data, folder, record: resumed, saved, planNote };
  } catch (error) {
    await data?.[Symbol.asyncDispose]();
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/** Drops the outcome of a finished run. */
function unfinished({ bestEpoch: _epoch, collapse: _collapse, ...record }: RunRecord): RunRecord {
  return record;
}

/**
 * Reads the newest intact checkpoint; undefined for a run that has not saved one yet.
 * @param check throws for a checkpoint that does not belong to the run
 */
async function readSaved(
  folder: RunFolder,
  record: RunRecord,
  { onNote }: PrepareListener,
  check: (found: FoundCheckpoint) => void,
): Promise<SavedState | undefined> {
  const found = await folder.checkpoints.read();
  if (!found) {
    if (record.step === 0 && record.options.weights === null) return undefined;
    throw new DataError(
      'CHECKPOINT_MISSING',
      `run "${folder.shown}" ${record.status === 'finished' ? 'finished' : 'stopped'} after ${counted(record.step, 'step')}, but its checkpoints are missing: start another run with npx isonet train`,
    );
  }
  checkSettings(record, found.saved.settings, found.saved.step, folder.recordFile);
  check(found);
  for (const problem of found.damaged) {
    onNote?.(`note: ${problem}; resuming from the previous checkpoint, of step ${found.saved.step}`);
  }
  return found.saved;
}

/** Opens the device that the run was trained on, with the same options, unless the request names another one. */
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
    // The cause is an option of this request, not the device.
    if (!sameOptions && isUnknownOption(error)) throw error;
    throw new BackendError(
      'NOT_HERE',
      `the run was trained on ${before.backend}, ${before.device}: ${messageOf(error)}; to resume it on another device: --backend auto`,
      { cause: error },
    );
  }
}

// Prepares a stopped run to be resumed: by its own settings and plans, on the same images, from its checkpoint.
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
 * A stopped run, from its last checkpoint on; a finished one where more epochs are requested.
 * @param given the run folder, relative to `cwd`
 * @throws UsageError for settings that a resumed run cannot change; DataError for a run that is finished, being trained, damaged,
 *   edited or of other images; BackendError for a device that is not there, plans that it cannot make again, or a run that it
 *   cannot resume exactly
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

/** run.json is read again: the process that held the lock before may have written it. */
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
      isForeign: false,
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
    // Steps that were not saved are computed again.
    const before = record.segments.findLast(({ step }) => step < segment.step);
    const change = before && planChange(before, segment);
    if (request.exact) checkExact(opened, change);
    const planNote = change && changeText(change);
    listener.onDevice?.(planNote === undefined ? opened : { ...opened, why: `${opened.why}; ${planNote}` });
    listener.onData?.(data);
    const segments = withSegment(record.segments, { ...segment, changes });
    // The file may be somewhere else than it was.
    const network = entry.file === undefined ? {} : { network: describeNetwork(folder, entry.file, model) };
    const steps = place.perEpoch * options.epochs;
    // A run of isonet 0.3.0 has no digest of the test images.
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
 * The newest checkpoint that is whole; undefined for a run that begins.
 * @param check throws for one that is not the run's
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
      `run "${folder.shown}" ${record.status === 'finished' ? 'finished' : 'stopped'} after ${counted(record.step, 'step')}, and its checkpoints are gone: start another with npx isonet train`,
    );
  }
  checkSettings(record, found.saved.settings, found.saved.step, folder.recordFile);
  check(found);
  for (const problem of found.damaged) {
    onNote?.(`note: ${problem}; resuming from the one before, of step ${found.saved.step}`);
  }
  return found.saved;
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

// Compiles a new run and creates its folder, after every setting has been validated.
import type { Tensors } from '@isonet/core';
import { batchCount } from '@isonet/core';
import { describeData } from '../data/describe.ts';
import type { TrainingImages } from '../data/parts.ts';
import { trainingImages } from '../data/parts.ts';
import type { OpenDevice } from '../devices/open.ts';
import { UsageError } from '../errors.ts';
import { describeNetwork } from '../folder/network.ts';
import { describeOnnx } from '../folder/onnx.ts';
import type { RunOptions } from '../folder/options.ts';
import { PATIENCE_PROBLEM } from '../folder/options.ts';
import type { RunRecord } from '../folder/record.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { RunSegment } from '../folder/segments.ts';
import type { OnnxSource } from '../onnxModel/onnxSource.ts';
import { version } from '../version.ts';
import type { PreparedRun } from './preparedRun.ts';
import type { RunPlans } from './programs.ts';
import { makeTrainer } from './programs.ts';

/** The parts of a new run. */
export interface NewRun extends Pick<
  PreparedRun,
  'model' | 'task' | 'recipe' | 'opened' | 'data' | 'head' | 'norms'
> {
  /** The file that defines the user's own network. */
  readonly file?: string;
  /** The source of a network from an ONNX file. */
  readonly onnx?: OnnxSource;
}

/**
 * Compiles a new run, whose device is open and whose data is loaded, and creates its folder.
 * @param values the parameters, and the buffers that do not start at their declared values
 * @param out the folder of the run; undefined: a free name under `runs`
 * @throws DataError if there are fewer images than requested or the folder cannot be created; any error of the device when
 *   it compiles
 */
export async function createRun(
  cwd: string,
  { file, onnx, ...parts }: NewRun,
  options: RunOptions,
  values: Tensors,
  out?: string,
): Promise<PreparedRun> {
  const { model, opened, data } = parts;
  const images = trainingImages(data, options);
  checkPatience(options, images);
  const programs = await makeTrainer(parts, options, images.train.length, values);
  let folder: RunFolder | undefined;
  try {
    const segment = newSegment(opened, 0, programs.plans);
    const record = newRecord(parts, options, segment, images);
    const name = [model.name, options.recipe, opened.backend, options.seed].join('-');
    folder = out === undefined ? await RunFolder.createNumbered(cwd, name) : await RunFolder.create(cwd, out);
    const network = file === undefined ? {} : { network: describeNetwork(folder, file, model) };
    if (onnx) await folder.writeNetwork(onnx.file.bytes);
    const described = { ...record, ...network, ...(onnx ? { onnx: describeOnnx(onnx) } : {}) };
    return { ...parts, ...programs, folder, record: described, saved: undefined, planNote: undefined };
  } catch (error) {
    await folder?.release();
    await programs.trainer[Symbol.asyncDispose]();
    throw error;
  }
}

/** @throws UsageError for early stopping without validation images */
function checkPatience({ patience }: RunOptions, { validation }: TrainingImages): void {
  if (patience !== null && validation === undefined) throw new UsageError(`--patience: ${PATIENCE_PROBLEM}`);
}

/** Builds the record of a run before its first step. */
function newRecord(
  { model, task, data }: Pick<PreparedRun, 'model' | 'task' | 'data'>,
  options: RunOptions,
  segment: RunSegment,
  images: TrainingImages,
): RunRecord {
  const now = new Date().toISOString();
  return {
    model: model.name,
    ...(data.preprocessing ? { preprocessing: data.preprocessing } : {}),
    task: task.name,
    options,
    data: describeData(data, images),
    segments: [segment],
    started: now,
    updated: now,
    status: 'running',
    step: 0,
    steps: batchCount(images.train.length, options.batchSize) * options.epochs,
    history: [],
  };
}

/** Builds the segment for run.json: the device and the versions that compute the steps from `step` on. */
export function newSegment(
  { backend, device: { info }, settings }: OpenDevice,
  step: number,
  { records }: RunPlans,
): RunSegment {
  const { threads, tf32 = false } = settings;
  return {
    step,
    backend,
    device: info.id,
    kind: info.kind,
    text: info.text,
    options: { threads: threads === undefined ? null : threads, tf32 },
    versions: { isonet: version, node: process.versions.node },
    plans: records,
  };
}

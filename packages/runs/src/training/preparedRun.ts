// What it takes to prepare a run, and a run that is prepared.
import type { Task, WeightsReport } from '@isonet/core';
import type { ModelData } from '../data/modelData.ts';
import type { PictureProgress } from '../data/taker.ts';
import type { BackendEntry } from '../devices/backends.ts';
import type { OpenDevice } from '../devices/open.ts';
import type { SavedState } from '../folder/checkpoint.ts';
import type { RunRecord } from '../folder/record.ts';
import type { RunFolder } from '../folder/runFolder.ts';
import type { ModelEntry, RunModel } from '../models.ts';
import type { OnnxModel } from '../onnxModel/onnxFile.ts';
import type { Recipe } from '../recipes.ts';
import type { OwnParameters, RunPrograms } from './programs.ts';

/** Where names and paths of a request are looked up. */
export interface RunContext {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly models: readonly ModelEntry[];
  readonly backends: readonly BackendEntry[];
}

/** Called while a run is prepared, each as soon as its answer is known. */
export interface PrepareListener {
  readonly onDevice?: (opened: OpenDevice) => void;
  /** Of a new run of an ONNX file's network. */
  readonly onFile?: (file: OnnxModel) => void;
  readonly onData?: (data: Pick<ModelData, 'source' | 'notes'>) => void;
  /** While the pictures of a folder are read. */
  readonly onPictures?: (progress: PictureProgress) => void;
  /** Where initial weights were named: what of them is taken over. */
  readonly onWeights?: (report: WeightsReport) => void;
  /** Of a resumed run: a line for people about something that is not as it should be, though it does not stand in the way. */
  readonly onNote?: (text: string) => void;
}

/**
 * A run that is ready to train. The caller disposes of its data, and of the device, and so of what is on it. Its folder is locked
 * until it has been trained, or until `folder.release()`.
 */
export interface PreparedRun extends RunPrograms, OwnParameters {
  readonly model: RunModel;
  readonly task: Task;
  readonly recipe: Recipe;
  readonly data: ModelData;
  readonly opened: OpenDevice;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** Where a stopped run resumes; undefined: at its first step. */
  readonly saved: SavedState | undefined;
  /** Says that a resumed run has other plans than before, where it has. */
  readonly planNote: string | undefined;
}

// A prepared run, and the inputs for preparing one.
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

/** Resolves the names and paths of a request. */
export interface RunContext {
  /** The base of relative paths. */
  readonly cwd: string;
  readonly models: readonly ModelEntry[];
  readonly backends: readonly BackendEntry[];
}

/** Callbacks for the preparation of a run. Each is called as soon as its argument is known. */
export interface PrepareListener {
  readonly onDevice?: (opened: OpenDevice) => void;
  /** Called for a new run of a network from an ONNX file. */
  readonly onFile?: (file: OnnxModel) => void;
  readonly onData?: (data: Pick<ModelData, 'source' | 'notes'>) => void;
  /** Called while the image files of a folder are read. */
  readonly onPictures?: (progress: PictureProgress) => void;
  /** Called if the request names initial weights. The report lists which of them are loaded. */
  readonly onWeights?: (report: WeightsReport) => void;
  /** Called for a resumed run with a one-line warning for the user about a problem that does not prevent resuming. */
  readonly onNote?: (text: string) => void;
}

/**
 * A run that is ready to train. The caller disposes of its data and of the device, which frees everything on it. The folder
 * is locked until the run has been trained, or until `folder.release()`.
 */
export interface PreparedRun extends RunPrograms, OwnParameters {
  readonly model: RunModel;
  readonly task: Task;
  readonly recipe: Recipe;
  readonly data: ModelData;
  readonly opened: OpenDevice;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** The state from which a stopped run resumes; undefined: it starts at its first step. */
  readonly saved: SavedState | undefined;
  /** A note that the plans of a resumed run have changed; undefined if they have not. */
  readonly planNote: string | undefined;
}

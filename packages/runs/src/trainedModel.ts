// A network with weights, ready to evaluate, predict or export.
import type { Task, Tensors } from '@isonet/core';
import type { Preprocessing } from '@isonet/data';
import type { RunModel } from './models.ts';
import type { OnnxModel } from './onnxModel/onnxFile.ts';

/** A network with weights. */
export interface TrainedModel {
  /** The run folder or the file, as the user types it. */
  readonly shown: string;
  /** The name of the model. */
  readonly name: string;
  readonly model: RunModel;
  readonly task: Task;
  /** Parameters and buffers, averaged if a run keeps averages, each of the model's shape and finite. */
  readonly weights: Tensors;
  /** The class names; `class 0`, ... if they are unknown. */
  readonly classes: readonly string[];
  /** Whether the class names are known. */
  readonly hasClassNames: boolean;
  /** How images are preprocessed; undefined if the input is not an image of 1 or 3 channels. */
  readonly preprocessing: Preprocessing | undefined;
  /** The folder of a run's data; null: the default data. */
  readonly data: string | null;
  /** For a run: the digests of its training and test images. isonet 0.3.0 and earlier did not record the second. */
  readonly trainedOn?: { readonly sha256: string; readonly testSha256?: string };
  /** The ONNX file, if the network comes from one. */
  readonly onnx?: OnnxModel;
}

// A network with weights, to be measured, asked or exported.
import type { Task, Tensors } from '@isonet/core';
import type { Preprocessing } from '@isonet/data';
import type { RunModel } from './models.ts';
import type { OnnxModel } from './onnxModel/onnxFile.ts';

/** A network with weights. */
export interface TrainedModel {
  /** The run folder or the file, as people type it. */
  readonly shown: string;
  /** The name of the model. */
  readonly name: string;
  readonly model: RunModel;
  readonly task: Task;
  /** Parameters and buffers, averaged where a run keeps averages, each of the model's shape and finite. */
  readonly weights: Tensors;
  /** The names of its classes; `class 0`, ... where nothing says them. */
  readonly classes: readonly string[];
  /** Whether something says them. */
  readonly hasClassNames: boolean;
  /** How images become tensors; undefined where it takes none of 1 or 3 channels. */
  readonly preprocessing: Preprocessing | undefined;
  /** The folder of a run's data; null: what is found. */
  readonly data: string | null;
  /** Of a run: the digests of its training and test images. isonet 0.3.0 and before did not look at the second. */
  readonly trainedOn?: { readonly sha256: string; readonly testSha256?: string };
  /** The ONNX file. */
  readonly onnx?: OnnxModel;
}

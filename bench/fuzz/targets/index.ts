// Lists all targets, in the order in which they run.
import type { Target } from '../target.ts';
import { cudaManifest } from './cudaManifest.ts';
import { gzip } from './gzip.ts';
import { idx, labels } from './idx.ts';
import { images } from './images.ts';
import { onnx, onnxGraph } from './onnx.ts';
import { checkpoint, metrics, plans, record } from './runs.ts';
import { safetensors } from './safetensors.ts';

/** All targets. */
export const targets: readonly Target[] = [
  idx,
  labels,
  gzip,
  safetensors,
  onnx,
  onnxGraph,
  record,
  plans,
  checkpoint,
  metrics,
  images,
  cudaManifest,
];

// The face of @isonet/core.
export type {
  Backend,
  CompileOptions,
  Device,
  DeviceInfo,
  Execution,
  Numerics,
  Probe,
  Program,
  State,
} from './backend.ts';
export { GraphBuilder, Value } from './builder.ts';
export type { Emitters } from './builder.ts';
export {
  BackendError,
  DataError,
  DeviceLostError,
  GraphError,
  IsonetError,
  NonFiniteError,
  ShapeError,
  UnsupportedOpError,
  messageOf,
} from './errors.ts';
export { executionOf } from './execution.ts';
export { asFloat32, checkFeeds, checkNames, wanted } from './feeds.ts';
export type { Constant, Graph, GraphJson, Named, Node, NodeOf, ValueId } from './graph.ts';
export { fromJson, print, toJson, typeOf, typesOf, validate } from './graph.ts';
export type { Initializer, ParameterSpec } from './initializers.ts';
export { he, initialize, xavier } from './initializers.ts';
export type { Kernels } from './kernels.ts';
export { kernelFor } from './kernels.ts';
export * from './layers/index.ts';
export type { Conv2dAttrs } from './ops/conv2d.ts';
export type { AvgPool2dAttrs } from './ops/avgPool2d.ts';
export type { MaxPool2dAttrs } from './ops/maxPool2d.ts';
export type { AttrsOf, CompositeOp, OpName, PrimitiveOp } from './ops/table.ts';
export { definitionOf, isOpName, opNames } from './ops/table.ts';
export type { Pads, Pair } from './ops/window.ts';
export type { CopyOptions } from './passes/copy.ts';
export { copyInto, copyResults } from './passes/copy.ts';
export { commonSubexpressions } from './passes/commonSubexpressions.ts';
export { deadCode } from './passes/deadCode.ts';
export { decompose } from './passes/decompose.ts';
export { grad, gradientName } from './passes/grad.ts';
export { inline } from './passes/inline.ts';
export type { Supports } from './passes/legalize.ts';
export { legalize } from './passes/legalize.ts';
export { permutation, streamKey, threefry2x32, uniformBlock, unitFloat } from './random.ts';
export type { Metadata, Safetensors } from './safetensors.ts';
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
export type { DType, Shape, Tensor, TensorOf, Tensors, TensorType } from './tensor.ts';
export {
  bool,
  float32,
  int32,
  sameShape,
  sameType,
  scalar,
  shapeText,
  sizeOf,
  typeText,
  uint32,
} from './tensor.ts';
export { accumulate, applySums } from './train/accumulate.ts';
export type { Batch, BatchOptions, Dataset, EpochBatch } from './train/batches.ts';
export { batchCount, batches, sampleOrder } from './train/batches.ts';
export type { EvaluateOptions, Evaluation } from './train/evaluate.ts';
export { evaluate, Predictor } from './train/evaluate.ts';
export type {
  Checkpoint,
  EpochReport,
  EpochTotals,
  FitOptions,
  FitResult,
  StepProgress,
} from './train/fit.ts';
export { fit } from './train/fit.ts';
export type { ClassMetrics, Confusion } from './train/metrics.ts';
export {
  correctCount,
  countConfusion,
  crossEntropySum,
  perClass,
  predictedClasses,
  softmax,
  topKCount,
} from './train/metrics.ts';
export type {
  ApplyOptions,
  Forward,
  ForwardOptions,
  LayerOutput,
  LossOptions,
  Model,
  ModelState,
} from './train/model.ts';
export { apply, forward, gradients, slotName, stateOf, step } from './train/model.ts';
export type { AdamOptions, Optimizer, OptimizerEntry, SgdOptions } from './train/optimizers.ts';
export { adam, adamW, sgd } from './train/optimizers.ts';
export type {
  CosineOptions,
  OneCycleOptions,
  Position,
  Schedule,
  StepDecayOptions,
} from './train/schedules.ts';
export { constant, cosine, oneCycle, perFullBatch, stepDecay } from './train/schedules.ts';
export type { StartedStep, StepResult } from './train/startedStep.ts';
export type { AccumulationOptions, StepOptions } from './train/stepPrograms.ts';
export type { TrainerOptions } from './train/trainer.ts';
export { Trainer } from './train/trainer.ts';

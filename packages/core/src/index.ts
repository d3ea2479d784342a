// The public API of @isonet/core.
export type { Given } from './arguments/check.ts';
export { checkGiven } from './arguments/check.ts';
export type { Form, Forms, RangeName } from './arguments/forms.ts';
export { fieldsOf, flag, optional, ranges, wholeFrom } from './arguments/forms.ts';
export { nearest } from './arguments/nearest.ts';
export type {
  AbsentDevice,
  Backend,
  Claims,
  CompileOptions,
  Device,
  DeviceInfo,
  Execution,
  FloatType,
  Json,
  Maxima,
  MaximumOp,
  OpenOptions,
  Plan,
  PlanData,
  Probe,
  Program,
  State,
} from './backend/contract.ts';
export type { DeviceParts } from './backend/device.ts';
export { makeDevice } from './backend/device.ts';
export { vectorFeatures } from './backend/digest.ts';
export { asFloat32, checkOptions, declaredType, outputOf, scalarOf, wanted } from './backend/feeds.ts';
export type { HostBackendOptions, HostData, HostKernelTypes } from './backend/host.ts';
export { hostBackend, hostMemory, zeros } from './backend/host.ts';
export type { InterpreterOptions } from './backend/interpreter.ts';
export { interpreted } from './backend/interpreter.ts';
export type { BoundKernel, Kernel, Kernels, KernelTypes, Operands } from './backend/kernels.ts';
export { inTable, kernelFor } from './backend/kernels.ts';
export type { Accesses, LiveRange } from './backend/liveRanges.ts';
export { liveRanges } from './backend/liveRanges.ts';
export type {
  BuildRequest,
  Entry,
  Executable,
  Frozen,
  Memory,
  NamedTensor,
  RunOutputs,
  RunRequest,
  RunResult,
  SyncMemory,
} from './backend/memory.ts';
export { ProgramCache } from './backend/programCache.ts';
export { inWorker } from './backend/remote/inWorker.ts';
export type { EmitterPort, EventPort, Port } from './backend/remote/port.ts';
export { remote } from './backend/remote/remote.ts';
export { serve } from './backend/remote/serve.ts';
export type { NonFiniteOrigin, Refusal } from './errors.ts';
export {
  codeOf,
  BackendError,
  DataError,
  defined,
  DeviceLostError,
  GraphError,
  IsonetError,
  messageOf,
  nodesByReason,
  NonFiniteError,
  ShapeError,
  UnsupportedOpError,
} from './errors.ts';
export { GraphBuilder } from './graph/builder.ts';
export type { Constant, Graph, Named, Node, NodeOf, Origin, Phase, ValueId } from './graph/graph.ts';
export { typeOf, typesOf } from './graph/typeOf.ts';
export { structureOf } from './graph/canonical.ts';
export type { GraphJson } from './graph/json.ts';
export { fromJson, toJson } from './graph/json.ts';
export { nodeText, originText, print } from './graph/print.ts';
export { validate } from './graph/validate.ts';
export { Value } from './graph/value.ts';
export type { Initializer, ParameterSpec } from './initializers.ts';
export { he, initialize, xavier } from './initializers.ts';
export * from './layers/index.ts';
export type { Conv2dAttrs } from './ops/conv2d.ts';
export type { AvgPool2dAttrs } from './ops/avgPool2d.ts';
export type { MaxPool2dAttrs } from './ops/maxPool2d.ts';
export type { Coupling } from './ops/coupling.ts';
export type {
  AttrsOf,
  CompositeOp,
  Emitters,
  InputsOf,
  OpName,
  OutputsOf,
  PrimitiveOp,
} from './ops/signatures.ts';
// Pulls the signature of every op into this package's declarations, although nothing here refers to the ops.
// oxlint-disable-next-line unicorn/require-module-specifiers
export type {} from './ops/index.ts';
export { definitionOf, opNames } from './ops/table.ts';
export type { Pads, Pair } from './ops/window.ts';
export { batchOf } from './passes/batch.ts';
export type { CopyOptions } from './passes/copy.ts';
export { copyInto, copyResults } from './passes/copy.ts';
export type { Along, Chunked } from './passes/chunks.ts';
export { chunked } from './passes/chunks.ts';
export { commonSubexpressions } from './passes/commonSubexpressions.ts';
export { deadCode } from './passes/deadCode.ts';
export { decompose } from './passes/decompose.ts';
export { grad, gradientName } from './passes/grad.ts';
export { inline } from './passes/inline.ts';
export type { SizeLimit, Supports } from './passes/legalize.ts';
export { legalize } from './passes/legalize.ts';
export { drawUniform, permutation, streamKey, threefry2x32, uniformBlock } from './random.ts';
export type { Safetensors } from './safetensors.ts';
export type { Metadata } from './safetensorsHeader.ts';
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
export type { DType, Shape, Shape4, Tensor, TensorOf, Tensors, TensorType } from './tensor.ts';
export {
  arrayClasses,
  bool,
  dimOf,
  float32,
  int32,
  sameShape,
  sameType,
  scalar,
  shape2,
  shape4,
  shapeText,
  sizeOf,
  typeText,
  uint32,
} from './tensor.ts';
export { batchCount, batches, sampleOrder } from './train/data/batches.ts';
export type { BatchOptions, EpochBatch } from './train/data/batches.ts';
export type { Batch, Dataset, Draw } from './train/data/dataset.ts';
export type { SplitOptions } from './train/data/datasets.ts';
export { split, subset, take, tensorDataset } from './train/data/datasets.ts';
export type { ClassifierEvaluation, EvaluateOptions, Evaluation } from './train/evaluate.ts';
export { evaluate } from './train/evaluate.ts';
export { inferenceBatchSize } from './train/inferenceBatch.ts';
export type { EarlyStopping, StoppingState } from './train/fit/earlyStopping.ts';
export { fit } from './train/fit/fit.ts';
export { TrainingHaltedError, TrainingLostError } from './train/fit/errors.ts';
export type {
  Checkpoint,
  EpochReport,
  EpochTotals,
  FitCallbacks,
  FitOptions,
  FitResult,
  StepProgress,
} from './train/fit/options.ts';
export { accumulate, applySums } from './train/graphs/accumulate.ts';
export type { ApplyOptions, MovingAverage } from './train/graphs/apply.ts';
export { apply, notHalted } from './train/graphs/apply.ts';
export type { GradientsOptions, LossOptions } from './train/graphs/gradients.ts';
export { gradients, loss } from './train/graphs/gradients.ts';
export { averageName, bufferName, slotName } from './train/graphs/names.ts';
export { step } from './train/graphs/step.ts';
export type { BatchPosition, Gradients } from './train/hostGradients.ts';
export { clipGradients, gradientNorm, meanGradients } from './train/hostGradients.ts';
export type {
  Forward,
  ForwardOptions,
  ImageClassifier,
  LayerOutput,
  Model,
  ModelState,
  SampleSpec,
} from './train/model.ts';
export { forward, stateOf } from './train/model.ts';
export type { AdamOptions, Optimizer, OptimizerEntry, SgdOptions } from './train/optimizers.ts';
export { adam, adamW, sgd } from './train/optimizers.ts';
export type { LearnedParameter, ParameterRule } from './train/parameterRules.ts';
export type { PredictorOptions } from './train/predictor.ts';
export { Predictor } from './train/predictor.ts';
export type { RoleOptions } from './train/roles.ts';
export type {
  CosineOptions,
  OneCycleOptions,
  Position,
  Schedule,
  StepDecayOptions,
} from './train/schedules.ts';
export { constant, cosine, oneCycle, perFullBatch, stepDecay } from './train/schedules.ts';
export type { StartedStep, StepResult } from './train/startedStep.ts';
export type { Mismatch, StartingWeights, WeightsReport } from './train/startingWeights.ts';
export { startingValues } from './train/startingWeights.ts';
export type { AccumulationOptions, StepOptions } from './train/stepPrograms.ts';
export type { Classification, ClassificationOptions } from './train/task/classification.ts';
export { classification, isClassification } from './train/task/classification.ts';
export type { ClassMetrics, Confusion } from './train/task/metrics.ts';
export {
  classLabel,
  correctCount,
  countConfusion,
  perClass,
  predictedClasses,
  softmax,
  topKCount,
} from './train/task/metrics.ts';
export { multiLabel } from './train/task/multiLabel.ts';
export type { RegressionOptions } from './train/task/regression.ts';
export { regression } from './train/task/regression.ts';
export type { Metrics, Score, Scores, Task } from './train/task/task.ts';
export { addScores, metricsOf } from './train/task/task.ts';
export { Trainer } from './train/trainer.ts';
export type { TrainerOptions } from './train/trainerState.ts';
export type { Each } from './tuple.ts';
export { each } from './tuple.ts';

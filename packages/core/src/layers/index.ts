// The layers, as networks are written with them.
export type { Activation } from './activation.ts';
export { hardSigmoid, leakyRelu, prelu, relu, sigmoid, tanh } from './activation.ts';
export type { Padding, Size } from './attributes.ts';
export type { BatchNormOptions } from './batchNorm.ts';
export { batchNorm } from './batchNorm.ts';
export { parallel, sequential } from './composition.ts';
export type { Conv2dOptions } from './conv2d.ts';
export { conv2d } from './conv2d.ts';
export type { DenseOptions } from './dense.ts';
export { dense } from './dense.ts';
export { dropout } from './dropout.ts';
export { flatten } from './flatten.ts';
export type { LocalResponseNormOptions } from './localResponseNorm.ts';
export { localResponseNorm } from './localResponseNorm.ts';
export type { AvgPool2dOptions, Pool2dOptions } from './pool2d.ts';
export { avgPool2d, globalAvgPool2d, maxPool2d } from './pool2d.ts';
export type { AuxiliaryOutput, BufferSpec, Layer, LayerRecord } from './scope.ts';
export { parameterCount, Scope } from './scope.ts';

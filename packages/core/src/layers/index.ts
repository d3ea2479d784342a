// The layers, as networks are written with them.
export type { Activation } from './activation.ts';
export { relu } from './activation.ts';
export type { Padding, Size } from './attributes.ts';
export type { Conv2dOptions } from './conv2d.ts';
export { conv2d } from './conv2d.ts';
export { dropout } from './dropout.ts';
export { flatten } from './flatten.ts';
export { globalAvgPool2d } from './globalAvgPool2d.ts';
export type { Pool2dOptions } from './maxPool2d.ts';
export { maxPool2d } from './maxPool2d.ts';
export type { Layer, LayerRecord } from './scope.ts';
export { parameterCount, Scope } from './scope.ts';
export { sequential } from './sequential.ts';

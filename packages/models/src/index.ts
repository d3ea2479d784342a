// Public API of @isonet/models: the built-in networks and their blocks.
export type { GoogLeNetOptions } from './googlenet.ts';
export { googlenet, googlenetImageNet } from './googlenet.ts';
export { inception } from './inception.ts';
export type { NinOptions } from './nin.ts';
export { nin, nin224, ninCifar10 } from './nin.ts';
export type { NinBlockOptions } from './ninBlock.ts';
export { ninBlock } from './ninBlock.ts';

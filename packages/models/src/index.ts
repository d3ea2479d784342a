// The networks that isonet is built around.
export type { NinOptions } from './nin.ts';
export { nin } from './nin.ts';
export { ninBlock } from './ninBlock.ts';

// The networks that isonet is built around, and how they are trained.
export type { NinOptions } from './nin.ts';
export { nin } from './nin.ts';
export { ninBlock } from './ninBlock.ts';
export type { Recipe, RecipeName } from './recipes.ts';
export { recipes } from './recipes.ts';

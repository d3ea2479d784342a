// The command line as a function, and its table of backends.
export { backends } from './backends.ts';
export { main } from './cli.ts';
export type { Context, Tables } from './context.ts';
export type { Io, OutputProblem, OutputProblems, StopSignal, TextOutput } from './io.ts';
export { processIo } from './processIo.ts';

// Finds the first node of a training graph whose result is wrong on a device, and writes files that reproduce it.
export type { Bisection } from './bisect.ts';
export { bisect } from './bisect.ts';
export type { Finding } from './finding.ts';
export { findingLines } from './finding.ts';
export type { Judgement } from './judge.ts';
export type { Problem, ProblemOptions } from './problem.ts';
export { trainingProblem } from './problem.ts';
export type { ScriptedDevice } from './reproduction.ts';
export { reproduction } from './reproduction.ts';
export { layerText, nodesText } from './text.ts';

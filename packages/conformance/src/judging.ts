// The subpath `@isonet/conformance/judging`: the float64 oracle, the bounds around it, the rounding of each op, and
// sections of graphs, for tools outside the suite.
export { elementAt, position, relativeL2, returnedType, tensorNamed } from './check/compare.ts';
export { boundsOf, referenceDevice, runOnce } from './oracle.ts';
export type { Rounding } from './rounding/table.ts';
export { roundingOf, U } from './rounding/table.ts';
export type { Part, Section } from './section.ts';
export { nodeAt, section, valueName } from './section.ts';

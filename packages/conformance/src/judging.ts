// The subpath `@isonet/conformance/judging`: the float64 oracle and the bounds around it, for judges outside the suite.
export { position, returnedType } from './check/compare.ts';
export { boundsOf, referenceDevice, runOnce } from './oracle.ts';

// Every op's faults: an op without an entry does not compile.
import type { OpName } from '@isonet/core';
import { arrayFaults } from './arrays.ts';
import type { Fault, FaultsOf } from './fault.ts';
import { functionFaults } from './functions.ts';
import { windowFaults } from './windows.ts';

export { faultsOfResults } from './results.ts';

const all: FaultsOf = { ...windowFaults, ...arrayFaults, ...functionFaults };

/** The faults that a kernel of this op may have. */
export function faultsOf(op: OpName): readonly Fault[] {
  const list = all[op];
  // Each takes nodes of its own op alone, and gets no others; TypeScript cannot follow the two unions side by side.
  return list as readonly Fault[];
}

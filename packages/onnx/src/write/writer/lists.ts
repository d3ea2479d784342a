// Lists whose length the op fixes: a node's inputs and outputs.
import { GraphError } from '@isonet/core';

export function only<T>(list: readonly T[]): T {
  const [first] = exactly(1, list);
  return first as T;
}

export function two<T>(list: readonly T[]): readonly [T, T] {
  return exactly(2, list) as [T, T];
}

export function three<T>(list: readonly T[]): readonly [T, T, T] {
  return exactly(3, list) as [T, T, T];
}

function exactly<T>(count: number, list: readonly T[]): readonly T[] {
  if (list.length !== count) throw new GraphError(`expected ${count} values, got ${list.length}`);
  return list;
}

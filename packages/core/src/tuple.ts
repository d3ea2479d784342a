// Maps tuples without losing their length, e.g. from a node's inputs to their types or device values.

/** A tuple of the same length as `T`, with elements of type `To`. */
export type Each<T extends readonly unknown[], To> = { readonly [I in keyof T]: To };

/** Maps a tuple to a tuple of the same length. */
export function each<T extends readonly unknown[], To>(
  list: T,
  f: (item: T[number], index: number) => To,
): Each<T, To> {
  // `map` preserves the length, but its declaration does not state that.
  return list.map(f) as Each<T, To>;
}

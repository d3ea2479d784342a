// Tuples that keep their length: a node's inputs, their types and their values on a device go through here.

/** A tuple as long as `T`, with `To` in every place. */
export type Each<T extends readonly unknown[], To> = { readonly [I in keyof T]: To };

/** `list.map(f)`, of the same length in the eyes of the compiler. */
export function each<T extends readonly unknown[], To>(
  list: T,
  f: (item: T[number], index: number) => To,
): Each<T, To> {
  // `map` keeps the length; its declaration does not say so.
  return list.map(f) as Each<T, To>;
}

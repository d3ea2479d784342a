/** What `make` gives, made when it is first asked for, and kept: expensive numbers are computed once per process. */
export function lazily<T>(make: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: make() }).value;
}

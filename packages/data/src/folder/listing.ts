// The pictures of a folder, each with its class and, where the folder says so, its part. Listed once: from then on what an index
// means does not change.

/** What pictures are for. */
export type Part = 'train' | 'validation' | 'test';

/** A picture that was found. */
export interface ListedPicture {
  /** Where it is. */
  readonly file: string;
  /** Relative to the folder, with `/` between names, in Unicode's NFC: the same on every machine. */
  readonly path: string;
  /** An index in the listing's classes. */
  readonly label: number;
  /** Undefined where the folder leaves it open. */
  readonly part?: Part;
}

/** The pictures of a folder. */
export interface Listing {
  readonly folder: string;
  /** In the order of their bytes in UTF-8. */
  readonly classes: readonly string[];
  /** In the order of the bytes of their paths. */
  readonly pictures: readonly ListedPicture[];
  /** What was ignored: one line each, for people. */
  readonly notes: readonly string[];
}

/** The names of parts, as folders and manifests have them. */
export const PARTS: Readonly<Record<string, Part>> = {
  train: 'train',
  test: 'test',
  val: 'validation',
  validation: 'validation',
};

/** The part of a name, in any case. */
export function partOf(name: string): Part | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(PARTS, lower) ? PARTS[lower] : undefined;
}

/** A picture before the classes are numbered. */
export interface FoundPicture extends Omit<ListedPicture, 'label'> {
  readonly className: string;
}

/** Sorts pictures and classes by their bytes. @param empty classes without a picture */
export function listingOf(
  folder: string,
  found: readonly FoundPicture[],
  empty: readonly string[],
  notes: readonly string[],
): Listing {
  const classes = sortedByBytes(
    new Set([...found.map(({ className }) => className), ...empty]),
    (name) => name,
  );
  const labels = new Map(classes.map((name, label) => [name, label]));
  const pictures = sortedByBytes(found, ({ path, file }) => `${path}\0${file}`);
  return {
    folder,
    classes,
    pictures: pictures.map(({ className, ...picture }) => ({ ...picture, label: labels.get(className)! })),
    notes,
  };
}

function sortedByBytes<T>(values: Iterable<T>, keyOf: (value: T) => string): readonly T[] {
  return Array.from(values, (value) => ({ value, key: Buffer.from(keyOf(value)) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key))
    .map(({ value }) => value);
}

// The image files of a folder, each with its class and, if the folder is divided, its part. A folder is listed only once,
// so an index always means the same file.

/** A part of a dataset. */
export type Part = 'train' | 'validation' | 'test';

/** An image file that was found. */
export interface ListedPicture {
  /** The path of the file. */
  readonly file: string;
  /**
   * The path relative to the folder, with `/` as the separator and in Unicode NFC, so that it is the same on every machine.
   */
  readonly path: string;
  /** The index of its class. */
  readonly label: number;
  /** Undefined if the folder is not divided. */
  readonly part?: Part;
}

/** The image files of a folder. */
export interface Listing {
  readonly folder: string;
  /** The class names, sorted by their UTF-8 bytes. */
  readonly classes: readonly string[];
  /** The image files, sorted by the UTF-8 bytes of their paths. */
  readonly pictures: readonly ListedPicture[];
  /** Ignored files, one line each. */
  readonly notes: readonly string[];
}

/** The names of parts in folders and manifests. */
export const PARTS: Readonly<Record<string, Part>> = {
  train: 'train',
  test: 'test',
  val: 'validation',
  validation: 'validation',
};

/** Returns the part with a name, ignoring case. */
export function partOf(name: string): Part | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(PARTS, lower) ? PARTS[lower] : undefined;
}

/** An image file before the classes are numbered. */
export interface FoundPicture extends Omit<ListedPicture, 'label'> {
  readonly className: string;
}

/** Builds a listing, sorting image files and classes by their bytes. @param empty the classes without images */
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

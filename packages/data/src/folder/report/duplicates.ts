// Pictures that are there more than once: the same bytes, or other bytes of the same pixels.
import type { Part } from '../listing.ts';

/** A picture by its contents. */
export interface Hashed {
  readonly path: string;
  readonly label: number;
  readonly part: Part | undefined;
  /** Of the file. */
  readonly sha256: string;
  /** Of its pixels. */
  readonly pixels: string;
}

/** A picture that is there more than once. */
export interface DuplicateGroup {
  readonly paths: readonly string[];
  /** Whether they are in more than one class: then one of the labels is wrong. */
  readonly acrossClasses: boolean;
  /** Whether they are both trained on and held out: then a score is better than the network. */
  readonly acrossParts: boolean;
}

/** Pictures that are there more than once. */
export interface Duplicates {
  /** Files of the same bytes. */
  readonly files: readonly DuplicateGroup[];
  /** Files of other bytes that hold the same pixels. */
  readonly pixels: readonly DuplicateGroup[];
}

/** Finds what is there more than once, in the order of the first of each. */
export function duplicatesOf(pictures: readonly Hashed[]): Duplicates {
  return {
    files: groupsOf(pictures, ({ sha256 }) => sha256),
    pixels: groupsOf(
      pictures,
      ({ pixels }) => pixels,
      ({ sha256 }) => sha256,
    ),
  };
}

/** Groups with one key, of at least two `kinds`. */
function groupsOf(
  pictures: readonly Hashed[],
  keyOf: (picture: Hashed) => string,
  kindOf: (picture: Hashed) => string = ({ path }) => path,
): readonly DuplicateGroup[] {
  const groups = new Map<string, Hashed[]>();
  for (const picture of pictures) {
    const group = groups.get(keyOf(picture));
    if (group === undefined) groups.set(keyOf(picture), [picture]);
    else group.push(picture);
  }
  return [...groups.values()]
    .filter((group) => new Set(group.map(kindOf)).size > 1)
    .map((group) => ({
      paths: group.map(({ path }) => path),
      acrossClasses: new Set(group.map(({ label }) => label)).size > 1,
      acrossParts: new Set(group.map(({ part }) => part)).size > 1,
    }));
}

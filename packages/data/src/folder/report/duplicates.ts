// Finds duplicate images: files with the same bytes, or with different bytes but the same pixels.
import type { Part } from '../listing.ts';

/** An image with the digests of its contents. */
export interface Hashed {
  readonly path: string;
  readonly label: number;
  readonly part: Part | undefined;
  /** The digest of the file. */
  readonly sha256: string;
  /** The digest of the pixels. */
  readonly pixels: string;
}

/** A group of duplicate images. */
export interface DuplicateGroup {
  readonly paths: readonly string[];
  /** Whether the images are in more than one class. If so, at least one label is wrong. */
  readonly acrossClasses: boolean;
  /** Whether the images are in more than one part. If so, scores on held-out images are too optimistic. */
  readonly acrossParts: boolean;
}

/** The duplicate images of a folder. */
export interface Duplicates {
  /** Files with the same bytes. */
  readonly files: readonly DuplicateGroup[];
  /** Files with different bytes but the same pixels. */
  readonly pixels: readonly DuplicateGroup[];
}

/** Finds duplicate images. The groups are in the order of their first images. */
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

/** Groups images by key, and keeps the groups with at least two kinds. */
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

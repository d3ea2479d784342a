// Readers for the files in which Linux describes the machine: /proc, /sys, /dev. A file that is missing or unreadable counts as
// empty.
import { readdirSync, readFileSync } from 'node:fs';

/** Returns the names in a folder, sorted; an empty list if it cannot be read. */
export function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** Returns the text of a file; an empty string if it cannot be read. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

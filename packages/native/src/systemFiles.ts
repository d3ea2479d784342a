// Files in which Linux describes the machine: /proc, /sys, /dev. One that is missing or cannot be read says nothing.
import { readdirSync, readFileSync } from 'node:fs';

/** The names in a folder, sorted; none where it cannot be read. */
export function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** The text of a file; empty where it cannot be read. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

// Reads image files as a network sees them, and collects failures and hints for the user.
import { resolve } from 'node:path';
import type { Preprocessing } from '@isonet/data';
import { readPicture } from '@isonet/data';
import type { Subject } from '@isonet/runs';
import { errorLine } from './usage.ts';

/** A file that could not be read as an image. */
export interface Failure {
  readonly name: string;
  readonly error: string;
}

/** The images that were read, the failures, and hints. */
export interface Pictures {
  readonly subjects: readonly Subject[];
  readonly failures: readonly Failure[];
  /** Hints for the user, one line each. */
  readonly notes: readonly string[];
}

/** Reads image files in the given order. @param cwd the folder that names are relative to */
export async function readPictures(
  cwd: string,
  files: readonly string[],
  preprocessing: Preprocessing,
): Promise<Pictures> {
  const subjects: Subject[] = [];
  const failures: Failure[] = [];
  const notes: string[] = [];
  for (const name of files) {
    try {
      const { image, inkLost } = await readPicture(resolve(cwd, name), preprocessing);
      subjects.push({ name, pixels: image });
      if (inkLost) notes.push(`note: ${name} ${inkLostText(preprocessing)}`);
    } catch (error) {
      failures.push({ name, error: errorLine(error) });
    }
  }
  return { subjects, failures, notes };
}

/** Explains a blank image and suggests a fix. */
function inkLostText({ invert, background }: Pick<Preprocessing, 'invert' | 'background'>): string {
  const colour = (background === 'white') === invert ? 'black' : 'white';
  const fix = invert ? 'try it without --invert' : 'try --invert';
  return `looks blank: it has transparent pixels, and the visible ones match the ${colour} background; ${fix}`;
}

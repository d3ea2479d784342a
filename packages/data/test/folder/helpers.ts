// Test helpers that write folders of small images.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { tempFolder } from '../helpers.ts';

/** Encodes a grey image of 4x4 pixels. */
export async function greyImage(level: number, format: 'png' | 'jpeg' = 'png'): Promise<Uint8Array> {
  return sharp({ create: { width: 4, height: 4, channels: 3, background: { r: level, g: level, b: level } } })
    .toFormat(format)
    .toBuffer();
}

/** Creates a folder with files: grey images by their level, other files by their contents. */
export async function folderWith(
  files: Readonly<Record<string, number | string | Uint8Array>>,
): Promise<string> {
  const folder = await tempFolder();
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(
      join(folder, path),
      typeof contents === 'number'
        ? await greyImage(contents, /\.jpe?g$/i.test(path) ? 'jpeg' : 'png')
        : contents,
    );
  }
  return folder;
}

/** Returns `count` images of each class, `CLASS/00.png`, ...: image i of class k has the level 10 k + i. */
export function classes(names: readonly string[], count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    names.flatMap((name, k) =>
      Array.from({ length: count }, (_, i) => [`${name}/${String(i).padStart(2, '0')}.png`, 10 * k + i]),
    ),
  );
}

// Runs in a page: pictures by its own decoder and canvas, and pixels as they are given.
/// <reference lib="dom" />
import { imageFromPixels, type Preprocessing } from '@isonet/data/browser';

/** What a page makes of a file, by its bytes: drawn on a canvas at its own size. */
async function ofFile(file: readonly number[], wanted: Preprocessing): Promise<readonly number[]> {
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(file)]));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  return [...imageFromPixels(context.getImageData(0, 0, width, height), wanted)];
}

/** What it makes of pixels. */
function ofPixels(
  width: number,
  height: number,
  data: readonly number[],
  wanted: Preprocessing,
): readonly number[] {
  return [...imageFromPixels(new ImageData(Uint8ClampedArray.from(data), width, height), wanted)];
}

/** What a test can ask. */
export type Page = { readonly ofFile: typeof ofFile; readonly ofPixels: typeof ofPixels };

Object.assign(globalThis, { page: { ofFile, ofPixels } });

// Runs in a browser page: converts images with the browser's decoder and canvas, and converts given pixels.
/// <reference lib="dom" />
import { imageFromPixels, type Preprocessing } from '@isonet/data/browser';

/** Decodes the bytes of a file, draws it on a canvas at its original size, and converts the pixels. */
async function ofFile(file: readonly number[], wanted: Preprocessing): Promise<readonly number[]> {
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(file)]));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  return [...imageFromPixels(context.getImageData(0, 0, width, height), wanted)];
}

/** Converts pixels. */
function ofPixels(
  width: number,
  height: number,
  data: readonly number[],
  wanted: Preprocessing,
): readonly number[] {
  return [...imageFromPixels(new ImageData(Uint8ClampedArray.from(data), width, height), wanted)];
}

/** The functions that a test can call in the page. */
export type Page = { readonly ofFile: typeof ofFile; readonly ofPixels: typeof ofPixels };

Object.assign(globalThis, { page: { ofFile, ofPixels } });

// Files that are published with this package, read in Node and in pages alike.
import { readBytes } from './platform/node.ts';

/** @throws Error if the file is missing; SyntaxError if it is not JSON */
export async function readJson(file: URL): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await readBytes(file)));
}

/** Decompresses gzip. */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

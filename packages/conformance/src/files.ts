// Reads files that are published with this package, in Node and in web pages.
import { readBytes } from './platform/node.ts';

/** @throws Error if the file is missing; SyntaxError if it is not JSON */
export async function readJson(file: URL): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await readBytes(file)));
}

/**
 * Decompresses gzip. Bytes without gzip's signature are returned as they are: some servers send files named .gz with
 * `Content-Encoding: gzip`, and then the browser has decompressed them already.
 */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

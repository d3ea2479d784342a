// The received part of a file, NAME.part, and NAME.part.json, which records its origin.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { written } from './errors.ts';

/** Returns the SHA-256 of a file, in hex. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Returns the path of the file that records the URL and the version of a part. */
export function originOf(part: string): string {
  return `${part}.json`;
}

/** Records the origin of a part when a server starts to respond. @throws DataError `FETCH_WRITE` */
export async function noteOrigin(part: string, url: string, { headers }: Response): Promise<void> {
  const tag = headers.get('etag');
  // A weak tag (RFC 9110, 8.8.1) does not guarantee the same bytes.
  const version = tag === null || tag.startsWith('W/') ? headers.get('last-modified') : tag;
  await written(part, () => writeFile(originOf(part), JSON.stringify({ url, version })));
}

/** Returns the headers that request the rest of a file, of the same version if the part came from the same server. */
export async function rangeHeaders(url: string, part: string, from: number): Promise<Record<string, string>> {
  if (from === 0) return {};
  const range = { range: `bytes=${from}-` };
  const origin: unknown = await readFile(originOf(part), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  const isSame = typeof origin === 'object' && origin !== null && 'url' in origin && origin.url === url;
  if (!isSame || !('version' in origin) || typeof origin.version !== 'string') return range;
  return { ...range, 'if-range': origin.version };
}

/** Removes a part and its record, to start again. */
export async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(originOf(part), { force: true });
}

/** Returns the number of bytes received so far. */
export async function partSize(part: string): Promise<number> {
  return (await stat(part).catch(() => undefined))?.size ?? 0;
}

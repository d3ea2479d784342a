// The part of a file that has arrived: NAME.part, and beside it where it comes from.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { written } from './errors.ts';

/** SHA-256 of a file, in hex. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Where a part comes from, and which version of the file it was: beside it. */
export function originOf(part: string): string {
  return `${part}.json`;
}

/** Notes it when a server begins to answer. @throws DataError `FETCH_WRITE` */
export async function noteOrigin(part: string, url: string, { headers }: Response): Promise<void> {
  const tag = headers.get('etag');
  // A weak tag (RFC 9110, 8.8.1) does not promise the same bytes.
  const version = tag === null || tag.startsWith('W/') ? headers.get('last-modified') : tag;
  await written(part, () => writeFile(originOf(part), JSON.stringify({ url, version })));
}

/** The headers that ask for the rest: of the same version, where the same server gave the part. */
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

/** Removes a part, to begin again. */
export async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(originOf(part), { force: true });
}

/** How many bytes have arrived. */
export async function partSize(part: string): Promise<number> {
  return (await stat(part).catch(() => undefined))?.size ?? 0;
}

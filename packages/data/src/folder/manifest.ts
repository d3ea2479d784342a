// Reads a manifest: a CSV file that lists image files and their classes. It is untrusted, so no path in it may leave its
// folder.
import { isAbsolute, join, normalize, sep } from 'node:path';
import { DataError } from '@isonet/core';
import { readBoundedFile } from '../readFile.ts';
import { csvRecords } from './csv.ts';
import { type FoundPicture, type Listing, listingOf, PARTS, partOf } from './listing.ts';

const MAX_BYTES = 2 ** 28;

/**
 * Lists the image files in a CSV file. Its first line names the columns: `path`, relative to the folder; `label`, the name
 * of the class; and, optionally, `split`: train, test, val or validation. Other columns are ignored.
 * @throws DataError `MANIFEST` naming the first invalid line; `FILE_MISSING`, `FILE_UNREADABLE`
 */
export async function listManifest(folder: string, manifest: string): Promise<Listing> {
  const bytes = await readBoundedFile('manifest', manifest, MAX_BYTES);
  const name = `manifest "${manifest}"`;
  const records = csvRecords(decoded(bytes, name), name);
  const header = records.next().value?.fields ?? [];
  const columns = header.map((field) => field.trim().toLowerCase());
  const [path, label, split] = ['path', 'label', 'split'].map((column) => columns.indexOf(column)) as [
    number,
    number,
    number,
  ];
  if (path < 0 || label < 0) {
    throw new DataError(
      'MANIFEST',
      `${name}, line 1: expected the names of the columns, path,label or path,label,split, got ${header.length === 0 ? 'nothing' : header.join(',').slice(0, 80)}`,
    );
  }
  const lines = new Map<string, number>();
  const found: FoundPicture[] = [];
  for (const { line, fields } of records) {
    const fail = (problem: string): DataError =>
      new DataError('MANIFEST', `${name}, line ${line}: ${problem}`);
    if (fields.length !== columns.length) {
      throw fail(`expected ${columns.length} fields, as in the first line, got ${fields.length}`);
    }
    const named = fields[path]!;
    const inside = normalize(named);
    if (named === '' || isAbsolute(named) || inside === '..' || inside.startsWith(`..${sep}`)) {
      throw fail(`expected a path inside ${folder}, got "${named}"`);
    }
    const className = fields[label]!.trim().normalize();
    if (className === '') throw fail(`expected a class name for ${named}, got nothing`);
    const text = split < 0 ? '' : fields[split]!.trim();
    const part = partOf(text);
    if (part === undefined && text !== '') {
      throw fail(`split: expected one of ${Object.keys(PARTS).join(', ')}, got "${text}"`);
    }
    const key = inside.split(sep).join('/').normalize();
    const before = lines.get(key);
    if (before !== undefined) throw fail(`${named} is already listed in line ${before}; remove one of them`);
    lines.set(key, line);
    found.push({
      file: join(folder, named),
      path: key,
      className,
      ...(split < 0 ? {} : { part: part ?? 'train' }),
    });
  }
  if (found.length === 0) throw new DataError('MANIFEST', `${name}: expected one line per image, got none`);
  return listingOf(folder, found, [], []);
}

function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataError('MANIFEST', `${name}: expected text in UTF-8; save it as UTF-8`, { cause });
  }
}

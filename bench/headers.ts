// Generates headers of safetensors files that cost as much memory and time as possible, and measures the cost of
// reading one in a separate process. The measurement starts after the code is loaded and before the file is read.
// Shared by safetensors.ts and its test.
//   node --conditions=@isonet/source --import tsx bench/headers.ts NAME MEGABYTES: prints a Cost as JSON
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeSafetensors, messageOf } from '@isonet/core';

/** The cost of reading a file, in MB and seconds. */
export interface Cost {
  readonly file: number;
  /** The increase of the peak resident memory while the file is read, including the bytes of the file. */
  readonly peak: number;
  readonly seconds: number;
  /** The number of tensors, or the error. */
  readonly result: string;
}

/** Returns the maximum memory, in MB, for reading a file of the given size in MB. */
export function allowed(file: number): number {
  return 4 * file + 50;
}

/** The maximum number of entries that the reader accepts. */
const LIMIT = 2 ** 15;

/** Builds an object of the given length from at most `limit` members. */
function filled(length: number, member: (i: number) => string, limit = Infinity): string {
  const members: string[] = [];
  for (let i = 0, size = 2; size < length - 100 && i < limit; i++) {
    const text = member(i);
    members.push(text);
    size += text.length + 1;
  }
  return `{${members.join(',')}}`;
}

const scalar = (i: number): string =>
  `"${i.toString(36)}":{"dtype":"F32","shape":[],"data_offsets":[${4 * i},${4 * i + 4}]}`;
const empty = (i: number, shape: string): string =>
  `"${i.toString(36)}":{"dtype":"F32","shape":${shape},"data_offsets":[0,0]}`;
const padded = (text: string, length: number): string => text.padEnd(length);
const metadata = (text: string): string => `{"__metadata__":${text}}`;

/** Functions by name, each of which returns the JSON of a header of about the given length in bytes. */
export const headers: Readonly<Record<string, (length: number) => string>> = {
  'the maximum number of scalars': (length) => padded(filled(length, scalar, LIMIT), length),
  'too many scalars': (length) => filled(length, scalar),
  'empty tensors of rank 8': (length) =>
    padded(
      filled(length, (i) => empty(i, '[1,1,1,1,1,1,1,0]'), LIMIT),
      length,
    ),
  'long names': (length) => filled(length, (i) => empty(i, '[0]').replace('"', `"${'layer.'.repeat(70)}`)),
  'one name': (length) => `{"${'x'.repeat(length - 80)}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`,
  'one metadata text': (length) => metadata(`{"a":"${'x'.repeat(length - 40)}"}`),
  'one metadata text beyond Latin-1': (length) =>
    metadata(`{"a":"${`${'x'.repeat(4000)}\u7db2`.repeat(Math.floor((length - 40) / 4003))}"}`),
  'metadata with the maximum number of names': (length) =>
    metadata(filled(length - 20, (i) => `"${i.toString(36)}":""`, LIMIT)),
  'metadata with too many names': (length) => metadata(filled(length - 20, (i) => `"${i.toString(36)}":""`)),
  'lists in lists': (length) => '['.repeat(length),
  'lists in lists in an entry': (length) =>
    `{"a":${'['.repeat(length / 2 - 4)}${']'.repeat(length / 2 - 4)}}`,
  'a list of objects in an entry': (length) => `{"a":{"x":[${'{},'.repeat(length / 3 - 20)}{}]}}`,
  'one number': (length) => `{"a":{"shape":[${'1'.repeat(length - 40)}]}}`,
  spaces: (length) => padded('{}', length),
};

const SELF = fileURLToPath(import.meta.url);

/** Measures the cost of reading one of {@link headers}. */
export async function costOf(name: string, megabytes: number): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@isonet/source',
    '--import',
    'tsx',
    SELF,
    name,
    String(megabytes),
  ]);
  return JSON.parse(stdout) as Cost;
}

/** Measures the cost of reading a file. Another process writes the file, so that writing does not affect the memory of this one. */
async function measure(path: string): Promise<Cost> {
  try {
    decodeSafetensors(new Uint8Array(8), 'warm-up');
  } catch {
    // An empty header is invalid; this call only compiles the code.
  }
  const before = peakMegabytes();
  const bytes = readFileSync(path);
  const started = performance.now();
  let result: string;
  try {
    result = `${Object.keys(decodeSafetensors(bytes, 'file').tensors).length} tensors`;
  } catch (error) {
    result = messageOf(error);
  }
  const seconds = (performance.now() - started) / 1000;
  return { file: bytes.length / 2 ** 20, peak: peakMegabytes() - before, seconds, result };
}

/** Reads the peak from /proc where possible: on Linux, `maxRSS` includes the memory of the parent. */
function peakMegabytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function writeHeader(path: string, json: string): void {
  const text = Buffer.from(json);
  const scalars = json.match(/"shape":\[\]/g)?.length ?? 0;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(4 * scalars)]));
}

async function main(name: string, megabytes: number): Promise<void> {
  const header = headers[name];
  if (!header) throw new Error(`expected one of ${Object.keys(headers).join(', ')}, got ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'isonet-header-'));
  const path = join(folder, 'file.safetensors');
  try {
    writeHeader(path, header(megabytes * 2 ** 20));
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, SELF, path]);
    process.stdout.write(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === SELF) {
  const [first = '', megabytes] = process.argv.slice(2);
  if (megabytes === undefined) process.stdout.write(JSON.stringify(await measure(first)));
  else await main(first, Number(megabytes));
}

// Reads the results that must be bit-identical in two runs, and lists the differences.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors } from 'isonet';

/** The results of a run by part, without times. */
export type Outcome = ReadonlyMap<string, string>;

/** Reads a finished run. */
export async function outcomeOf(folder: string): Promise<Outcome> {
  const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const record = JSON.parse(await text('run.json')) as Record<string, unknown>;
  const metrics = (await text('metrics.jsonl')).trim().split('\n');
  const epochs = metrics.filter((line) => line.startsWith('{"event":"epoch"'));
  const best = await readFile(join(folder, 'best.safetensors')).catch(() => undefined);
  return new Map([
    ['weights.safetensors', (await readFile(join(folder, 'weights.safetensors'))).toString('base64')],
    ['best.safetensors', best === undefined ? 'none' : best.toString('base64')],
    ['the last checkpoint', await lastState(folder)],
    ['run.json', timeless({ ...record, segments: [], started: '', updated: '' })],
    ['metrics.jsonl', epochs.map((line) => timeless(JSON.parse(line))).join('\n')],
  ]);
}

/** Lists the parts that differ. */
export function differences(a: Outcome, b: Outcome): readonly string[] {
  return [...a].filter(([part, value]) => b.get(part) !== value).map(([part]) => part);
}

/** Returns the parameters, buffers, optimizer slots and averages of the last checkpoint as text. */
async function lastState(folder: string): Promise<string> {
  const names = await readdir(join(folder, 'checkpoints'));
  const stepOf = (name: string): number => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? -1);
  const last = names.reduce((a, b) => (stepOf(a) > stepOf(b) ? a : b));
  const { tensors } = decodeSafetensors(await readFile(join(folder, 'checkpoints', last)));
  const values = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return `${name} ${dtype} ${shape.join('x')} ${bytes.toString('base64')}`;
  });
  return `${last}\n${values.join('\n')}`;
}

const TIMES = new Set(['seconds', 'time', 'imagesPerSecond']);

/** Serializes a value without its times, in the order of names: a file that was read and written again may order them differently. */
function timeless(value: unknown): string {
  return JSON.stringify(value, (name, field: unknown) => {
    if (TIMES.has(name)) return undefined;
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

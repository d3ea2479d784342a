// Fuzzes the files of a run folder: run.json, plan.json, metrics.jsonl and checkpoints. Starts from valid files of this version and of
// 0.1.0, and changes parts of their JSON without knowledge of their fields.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Safetensors } from '@isonet/core';
import { decodeSafetensors, encodeSafetensors } from '@isonet/core';
import { decodeCheckpoint, encodeCheckpoint } from '../../../packages/runs/src/folder/checkpoint.ts';
import { withChecksum } from '../../../packages/runs/src/folder/checksum.ts';
import { trimEntries } from '../../../packages/runs/src/folder/metrics.ts';
import { parseRecord, recordText } from '../../../packages/runs/src/folder/record.ts';
import { parsePlans, plansText } from '../../../packages/runs/src/folder/savedPlans.ts';
import { concat, damaged, utf8 } from '../bytes.ts';
import type { Node } from '../json.ts';
import { jsonText, mutated, nodeOf, writtenText } from '../json.ts';
import type { Random } from '../random.ts';
import { sample, sampleText } from '../samples.ts';
import type { Target } from '../target.ts';
import { demand, FILE, target } from '../target.ts';
import { scratchFile } from './gzip.ts';
import { checkTensors } from './safetensors.ts';

const folder = (file: string): string => `packages/runs/src/folder/${file}.ts`;
const tree = (text: string): Node => nodeOf(JSON.parse(text));

/** Decodes text as RunFolder does. */
const decoded = (input: Uint8Array): string => new TextDecoder().decode(input);

/** Serializes a tree with up to three changes. */
function changedText(random: Random, node: Node): string {
  let changed = node;
  for (let n = random.below(4); n > 0; n--) changed = mutated(random, changed);
  return writtenText(random, changed);
}

function changedFile(random: Random, node: Node): Uint8Array {
  const bytes = utf8(changedText(random, node));
  return random.oneIn(20) ? damaged(random, bytes) : bytes;
}

const records: readonly [Node, ...Node[]] = [
  tree(sampleText('run.json')),
  tree(sampleText('run-0.1.0.json')),
];

/** The target `parseRecord`. */
export const record: Target = target({
  name: 'record',
  sources: ['fields', 'record', 'epochs', 'segments', 'options'].map(folder),
  generate: (random) => changedFile(random, random.pick(records)),
  parse: (input) => parseRecord(decoded(input), FILE),
  check(value) {
    const again = parseRecord(recordText(value), FILE);
    demand(JSON.stringify(again) === JSON.stringify(value), 'round trip');
    demand(value.segments.length > 0 && Number.isSafeInteger(value.step), 'record');
  },
});

const plansTree = tree(sampleText('plan.json'));

/** The target `parsePlans`. */
export const plans: Target = target({
  name: 'plans',
  sources: ['fields', 'savedPlans'].map(folder),
  generate: (random) => changedFile(random, plansTree),
  parse: (input) => parsePlans(decoded(input), FILE),
  check(value) {
    demand(JSON.stringify(parsePlans(plansText(value), FILE)) === JSON.stringify(value), 'round trip');
  },
});

const older = sample('checkpoint.safetensors');
const settings = { model: 'nin', 'options.lr': 0.1, 'options.freeze': [] };
/** A checkpoint that 0.3.0 wrote, and the same checkpoint as this version writes it. */
const checkpoints = [older, encodeCheckpoint({ ...decodeCheckpoint(older, FILE), settings })].map((bytes) =>
  decodeSafetensors(bytes),
) as [Safetensors, Safetensors];

/** Generates a checkpoint whose metadata, tensors or bytes are changed. */
function checkpointFile(random: Random): Uint8Array {
  const { tensors, metadata: whole } = random.pick(checkpoints);
  const { sha256, ...metadata } = whole;
  const changedMetadata = Object.fromEntries(
    Object.entries(metadata)
      .filter(() => !random.oneIn(30))
      .map(([name, text]) => {
        // Values that contain JSON are changed as JSON.
        const node = /^[[{]/.test(text) ? tree(text) : undefined;
        return [name, node && !random.oneIn(4) ? changedText(random, node) : text];
      }),
  );
  const names = random.oneIn(3)
    ? (['best/', 'best/best/', '__proto__', 'best/__proto__', 'c.w', ''] as const)
    : undefined;
  const changedTensors = Object.fromEntries(
    Object.entries(tensors)
      .filter(() => !random.oneIn(30))
      .map(([name, tensor]) => [names && random.oneIn(3) ? random.pick(names) : name, tensor]),
  );
  // With the old checksum, most cases would be refused for the checksum alone.
  const sealed =
    sha256 === undefined
      ? changedMetadata
      : random.oneIn(20)
        ? { ...changedMetadata, sha256 }
        : withChecksum(changedTensors, changedMetadata);
  const file = encodeSafetensors(changedTensors, sealed);
  return random.oneIn(12) ? damaged(random, file) : file;
}

/** The target `decodeCheckpoint`. */
export const checkpoint: Target = target({
  name: 'checkpoint',
  sources: ['checkpoint', 'fields', 'epochs'].map(folder),
  generate: checkpointFile,
  parse: (input) => decodeCheckpoint(input, FILE),
  check(value, input) {
    checkTensors({ tensors: value.values, metadata: {} }, input.length);
    const bytes = encodeCheckpoint(value);
    const again = encodeCheckpoint(decodeCheckpoint(bytes, FILE));
    demand(Buffer.compare(again, bytes) === 0, 'round trip');
  },
});

const file = scratchFile();
const lines = sampleText('metrics.jsonl').trimEnd().split('\n').map(tree);

/** The step and epoch at which the run of the sample lines resumes. */
const PLACE = { step: 10, epochs: 2 };

function metricsFile(random: Random): Uint8Array {
  const k = random.below(lines.length);
  const texts = lines.map((line, i) => (i === k ? changedText(random, line) : jsonText(line)));
  if (random.oneIn(6)) texts.reverse();
  const bytes = utf8(texts.map((text) => `${text}${random.oneIn(20) ? '\r\n' : '\n'}`).join(''));
  if (random.oneIn(6)) return bytes.subarray(0, random.below(bytes.length + 1));
  return random.oneIn(12) ? concat(bytes, damaged(random, bytes)) : bytes;
}

/** The target `trimEntries`, which keeps the complete lines up to the resumed step. */
export const metrics: Target = target({
  name: 'metrics',
  sources: ['metrics', 'fields'].map(folder),
  generate: metricsFile,
  async parse(input) {
    writeFileSync(file(), input);
    await trimEntries(file(), PLACE);
    return readFileSync(file(), 'utf8');
  },
  async check(text, input) {
    const kept = text.split('\n');
    demand(kept.pop() === '', 'last line is torn');
    const before = new Set(decoded(input).split('\n'));
    for (const line of kept) {
      demand(before.has(line), 'a line of the input');
      const entry: unknown = JSON.parse(line);
      demand(typeof entry === 'object' && entry !== null, 'line');
    }
    await trimEntries(file(), PLACE);
    demand(readFileSync(file(), 'utf8') === text, 'trimmed twice');
  },
});

// Recordings of the five training steps in steps.ts. A test fails if the bits change but the plan id does not. Needs
// Node.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { Tensors } from '@isonet/core';
import { vectorFeatures } from '@isonet/core';
import { elementAt } from '../check/compare.ts';

/** The contents of a backend's bits.json. */
export interface BitsRecording {
  readonly backend: string;
  readonly device: string;
  readonly node: string;
  /** {@link thisMachine}, or `any` if every machine produces the same bits. */
  readonly machine: string;
  /** The plan id of the step program. */
  readonly id: string;
  /** The digest of parameters, buffers and slots after the last step: see {@link digestOf}. */
  readonly digest: string;
  readonly losses: readonly number[];
}

/** Rounding errors grow over the five steps: different kernels produce losses up to 1e-6 apart. */
const LOSS_TOLERANCE = 1e-4;

/** Returns the SHA-256 hash of the tensors' names and bytes, ordered by name. */
export function digestOf(tensors: Tensors): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of Object.entries(tensors).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/**
 * Returns the first difference between the new bits and the recording, or undefined. On the machine of the recording,
 * the id and the digest must equal the recorded ones. On another machine a library may choose other kernels, so only
 * the losses must agree.
 */
export function difference(recorded: BitsRecording | undefined, now: BitsRecording): string | undefined {
  if (recorded === undefined) return 'no recording yet: write one with RECORD_BITS=1';
  if (now.machine !== recorded.machine) return lossDifference(recorded.losses, now.losses);
  if (now.id === recorded.id) return hiddenChange(recorded, now);
  const bits = now.digest === recorded.digest ? 'did not' : 'changed too';
  return `the plan id of the step changed; the bits ${bits}: if the change is intended, record again with RECORD_BITS=1`;
}

/**
 * Returns a message if the bits changed although the plan id of the step did not, otherwise undefined. Such bits must
 * not be recorded. A backend with its own kernels keeps the digest in a source file that its plan ids cover, so that
 * recording new bits changes the ids.
 */
export function hiddenChange(recorded: BitsRecording | undefined, now: BitsRecording): string | undefined {
  if (recorded === undefined) return undefined;
  if (now.machine !== recorded.machine || now.id !== recorded.id || now.digest === recorded.digest) {
    return undefined;
  }
  return `the bits changed (${now.digest}, recorded ${recorded.digest}) but the plan id of the step did not: the id must cover the cause, so change \`runtime\` (its version of the kernels) or \`digest\`, then record again; if the backend has src/bits.ts, put the new digest there`;
}

function lossDifference(recorded: readonly number[], now: readonly number[]): string | undefined {
  const errors = now.map((loss, i) => Math.abs(loss / elementAt(recorded, i) - 1));
  if (now.length === recorded.length && errors.every((error) => error <= LOSS_TOLERANCE)) return undefined;
  return `expected the losses ${recorded.join(', ')} within ${LOSS_TOLERANCE}, got ${now.join(', ')}`;
}

/**
 * Returns the properties that determine which kernels a library chooses: platform, processor, threads and, on Linux,
 * instruction sets.
 */
export function thisMachine(): string {
  const { platform, arch } = process;
  const features = platform === 'linux' ? vectorFeatures(readFileSync('/proc/cpuinfo', 'utf8')) : [];
  const processor = cpus()[0]?.model ?? 'unknown processor';
  return [`${platform} ${arch}`, processor, `${availableParallelism()} threads`, ...features].join(', ');
}

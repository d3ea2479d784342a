// The record of a run, run.json: where its numbers come from, and what is needed to resume it. isonet writes it, but reads it
// as untrusted bytes, because anyone may have edited them.
import { DataError } from '@isonet/core';
import type { EpochReport } from '@isonet/core';
import type { Preprocessing } from '@isonet/data';
import { preprocessingFromJson, preprocessingToJson } from '@isonet/data';
import { parseEpoch } from './epochs.ts';
import type { RecordedNetwork } from './network.ts';
import { parseNetwork } from './network.ts';
import type { RecordedOnnx } from './onnx.ts';
import { parseOnnx } from './onnx.ts';
import { Fields, RECORD_FIX, shown } from './fields.ts';
import type { RunOptions } from './options.ts';
import { parseOptions, PATIENCE_PROBLEM } from './options.ts';
import type { RunSegments } from './segments.ts';
import { parseOldSegment, parseSegments } from './segments.ts';

/** The data of a run: where they came from, and a digest that tells whether they are the same. */
export interface RunData {
  readonly kind: string;
  readonly path: string;
  readonly text: string;
  /** Images that it is trained on, those held back for validation, if any, and those that it is tested on. */
  readonly train: number;
  readonly validation?: number;
  readonly test: number;
  /** The names of the classes, where they are not Fashion-MNIST's. */
  readonly classes?: readonly string[];
  /** In hex, of the training images and labels, before any limit. */
  readonly sha256: string;
  /** Of the test images and labels. isonet 0.3.0 and before did not look at them. */
  readonly testSha256?: string;
}

/** `running` stays in the record of a run whose process was killed. */
export type RunStatus = 'running' | 'stopped' | 'failed' | 'finished';

/**
 * How a network does not tell images apart:
 * - `output`: it gives the same for each; it has died behind a ReLU, from where no gradient comes back
 * - `diverged`: it takes all for the same class, at more than twice the loss of an answer that does not look at the image
 * - `class`: it takes all for the same class, as one does that has not learned enough
 */
export type Collapse = 'output' | 'diverged' | 'class';

/** What run.json holds. */
export interface RunRecord {
  /** Its name in the table of models, or the name that the file of `network` gives it. */
  readonly model: string;
  /** Of a network of the user's own: the file that defines it. */
  readonly network?: RecordedNetwork;
  /** Of a network in an ONNX file: the file, and the head that took the place of its own. */
  readonly onnx?: RecordedOnnx;
  /** How images become tensors. isonet 0.3.0 and before had one way only. */
  readonly preprocessing?: Preprocessing;
  /** The name of what it is trained for. */
  readonly task: string;
  readonly options: RunOptions;
  readonly data: RunData;
  readonly segments: RunSegments;
  /** ISO 8601. */
  readonly started: string;
  readonly updated: string;
  readonly status: RunStatus;
  /** Where its lock is seen, see `lockSpace`. */
  readonly lockSpace?: string;
  /** Training steps done, and in all: a finished run that early stopping ended has done fewer. */
  readonly step: number;
  readonly steps: number;
  readonly history: readonly EpochReport[];
  /** Of a finished run with early stopping: the epoch whose weights it keeps. */
  readonly bestEpoch?: number;
  /** Of a finished run whose network does not tell images apart. */
  readonly collapse?: Collapse;
}

const FORMAT = 'isonet-run-2';
/** Of isonet 0.1.0: one device, the last. */
const OLD_FORMAT = 'isonet-run-1';
const STATUSES: readonly RunStatus[] = ['running', 'stopped', 'failed', 'finished'];
const COLLAPSES: readonly Collapse[] = ['output', 'diverged', 'class'];

/** The text of run.json. */
export function recordText({ preprocessing, ...record }: RunRecord): string {
  const pictures = preprocessing === undefined ? {} : { preprocessing: preprocessingToJson(preprocessing) };
  return `${JSON.stringify({ format: FORMAT, ...record, ...pictures }, null, 2)}\n`;
}

/**
 * Reads the text of run.json, also that of isonet 0.1.0.
 * @param file names the file in errors
 * @throws DataError `RUN_RECORD` naming the file and the first field that is not as it should be
 */
export function parseRecord(text: string, file: string): RunRecord {
  try {
    return readRecord(text, file);
  } catch (cause) {
    if (!(cause instanceof DataError) || cause.code !== 'RUN_RECORD') throw cause;
    throw new DataError(cause.code, `${cause.message}; ${RECORD_FIX}`, { cause });
  }
}

function readRecord(text: string, file: string): RunRecord {
  const fields = Fields.parse(text, file);
  const format = fields.text('format');
  if (format !== FORMAT && format !== OLD_FORMAT) {
    throw new DataError(
      'RUN_RECORD',
      `${file}: expected format ${FORMAT}, got ${shown(JSON.stringify(format))}`,
    );
  }
  const data = fields.object('data');
  const optionFields = fields.object('options');
  const options = parseOptions(optionFields);
  if (options.patience !== null && !data.has('validation')) {
    throw optionFields.error('patience', PATIENCE_PROBLEM);
  }
  return {
    model: fields.text('model'),
    ...(fields.has('network') ? { network: parseNetwork(fields.object('network')) } : {}),
    ...(fields.has('onnx') ? { onnx: parseOnnx(fields.object('onnx')) } : {}),
    ...(fields.has('preprocessing') ? { preprocessing: parsePictures(fields, file) } : {}),
    // Until isonet 0.2.0 there was no other task.
    task: fields.has('task') ? fields.text('task') : 'classification',
    options,
    data: {
      kind: data.text('kind'),
      path: data.text('path'),
      text: data.text('text'),
      train: data.whole('train', 1),
      ...(data.has('validation') ? { validation: data.whole('validation', 1) } : {}),
      test: data.whole('test', 1),
      ...(data.has('classes') ? { classes: data.texts('classes') } : {}),
      sha256: data.text('sha256'),
      ...(data.has('testSha256') ? { testSha256: data.text('testSha256') } : {}),
    },
    segments: format === OLD_FORMAT ? [parseOldSegment(fields)] : parseSegments(fields),
    started: fields.text('started'),
    updated: fields.text('updated'),
    status: fields.oneOf('status', STATUSES),
    ...(fields.has('lockSpace') ? { lockSpace: fields.text('lockSpace') } : {}),
    step: fields.whole('step', 0),
    steps: fields.whole('steps', 1),
    history: fields.list('history').map(parseEpoch),
    ...(fields.has('bestEpoch') ? { bestEpoch: fields.whole('bestEpoch', 1) } : {}),
    ...(fields.has('collapse') ? { collapse: fields.oneOf('collapse', COLLAPSES) } : {}),
  };
}

function parsePictures(fields: Fields, file: string): Preprocessing {
  try {
    return preprocessingFromJson(fields.object('preprocessing').json(), `${file}: preprocessing`);
  } catch (cause) {
    if (!(cause instanceof DataError) || cause.code === 'RUN_RECORD') throw cause;
    throw new DataError('RUN_RECORD', cause.message, { cause });
  }
}

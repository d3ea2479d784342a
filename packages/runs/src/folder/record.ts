// The record of a run, run.json: its provenance, and the information to resume it. isonet writes it but reads it as
// untrusted input, because it may have been edited.
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

/** The data of a run: its source, and a digest to verify it. */
export interface RunData {
  readonly kind: string;
  readonly path: string;
  readonly text: string;
  /** The number of training, validation (if any) and test images. */
  readonly train: number;
  readonly validation?: number;
  readonly test: number;
  /** The class names, unless they are those of Fashion-MNIST. */
  readonly classes?: readonly string[];
  /** The digest of all training images and labels, before any limit, in hex. */
  readonly sha256: string;
  /** The digest of the test images and labels. isonet 0.3.0 and earlier did not record it. */
  readonly testSha256?: string;
}

/** The status of a run. A run whose process was killed keeps `running`. */
export type RunStatus = 'running' | 'stopped' | 'failed' | 'finished';

/**
 * How a network fails to distinguish images:
 * - `output`: its output is the same for every image; it died at a ReLU, which passes no gradient back
 * - `diverged`: it predicts one class for every image, with more than twice the loss of the best constant answer
 * - `class`: it predicts one class for every image, like a network that has not learned enough
 */
export type Collapse = 'output' | 'diverged' | 'class';

/** The contents of run.json. */
export interface RunRecord {
  /** The name in the table of models, or the name that the file of `network` defines. */
  readonly model: string;
  /** The file that defines the user's own network. */
  readonly network?: RecordedNetwork;
  /** For a network from an ONNX file: the file, and the new head, if any. */
  readonly onnx?: RecordedOnnx;
  /** How images are preprocessed. isonet 0.3.0 and earlier supported only one way and did not record it. */
  readonly preprocessing?: Preprocessing;
  /** The name of the task. */
  readonly task: string;
  readonly options: RunOptions;
  readonly data: RunData;
  readonly segments: RunSegments;
  /** ISO 8601. */
  readonly started: string;
  readonly updated: string;
  readonly status: RunStatus;
  /** The lock space of its process; see `lockSpace`. */
  readonly lockSpace?: string;
  /** The training steps done, and the total. A run that was stopped early may have done fewer. */
  readonly step: number;
  readonly steps: number;
  readonly history: readonly EpochReport[];
  /** For a finished run with early stopping: the epoch whose weights it keeps. */
  readonly bestEpoch?: number;
  /** For a finished run whose network does not distinguish images: how it fails. */
  readonly collapse?: Collapse;
}

const FORMAT = 'isonet-run-2';
/** The format of isonet 0.1.0, which records only the last device. */
const OLD_FORMAT = 'isonet-run-1';
const STATUSES: readonly RunStatus[] = ['running', 'stopped', 'failed', 'finished'];
const COLLAPSES: readonly Collapse[] = ['output', 'diverged', 'class'];

/** Formats run.json. */
export function recordText({ preprocessing, ...record }: RunRecord): string {
  const pictures = preprocessing === undefined ? {} : { preprocessing: preprocessingToJson(preprocessing) };
  return `${JSON.stringify({ format: FORMAT, ...record, ...pictures }, null, 2)}\n`;
}

/**
 * Parses run.json, including the format of isonet 0.1.0.
 * @param file the file's name, for errors
 * @throws DataError `RUN_RECORD` naming the file and the first invalid field
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
    // isonet 0.2.0 and earlier had no other task.
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

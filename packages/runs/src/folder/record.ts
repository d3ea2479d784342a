// The record of a run, run.json: where its numbers come from, and what is needed to resume it. isonet writes it, but reads it
// as untrusted bytes, because anyone may have edited them.
import { DataError } from '@isonet/core';
import type { EpochReport, EpochTotals, Scores } from '@isonet/core';
import type { ModelOptions } from '../models.ts';
import type { RecipeName } from '../recipes.ts';
import { recipes } from '../recipes.ts';
import { Fields } from './fields.ts';
import type { RunSegments } from './segments.ts';
import { parseOldSegment, parseSegments } from './segments.ts';

/** The settings of a run, every default filled in. */
export interface RunOptions {
  readonly recipe: RecipeName;
  readonly epochs: number;
  /** The learning rate, or the highest one where the schedule changes it. */
  readonly lr: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Images computed at a time; null: the whole batch. */
  readonly microBatchSize: number | null;
  readonly seed: number;
  readonly batchNorm: boolean;
  /** null: as the model has it. */
  readonly dropout: number | null;
  /** Number of training images, from the first on; null: all. */
  readonly limit: number | null;
  /** The folder that was named, in full; null: what was found. */
  readonly data: string | null;
}

/** The data of a run: where they came from, and a digest that tells whether they are the same. */
export interface RunData {
  readonly kind: string;
  readonly path: string;
  readonly text: string;
  /** Images that it is trained on, and tested on. */
  readonly train: number;
  readonly test: number;
  /** In hex, of the training images and labels, before any limit. */
  readonly sha256: string;
}

/** `running` stays in the record of a run whose process was killed. */
export type RunStatus = 'running' | 'stopped' | 'failed' | 'finished';

/** What run.json holds. */
export interface RunRecord {
  /** Its name in the table of models. */
  readonly model: string;
  readonly options: RunOptions;
  readonly data: RunData;
  readonly segments: RunSegments;
  /** ISO 8601. */
  readonly started: string;
  readonly updated: string;
  readonly status: RunStatus;
  /** Training steps done, and in all. */
  readonly step: number;
  readonly steps: number;
  readonly history: readonly EpochReport[];
}

/** The metadata of checkpoint.safetensors: enough to resume the run, even where run.json is older or newer. */
export interface Progress {
  /** Training steps done. */
  readonly step: number;
  /** Of the epoch in hand. */
  readonly epoch: EpochTotals;
  readonly history: readonly EpochReport[];
}

/** The model's part of a run's settings. */
export function modelOptions({ batchNorm, dropout }: RunOptions): ModelOptions {
  return { batchNorm, ...(dropout === null ? {} : { dropoutRate: dropout }) };
}

const FORMAT = 'isonet-run-2';
/** Of isonet 0.1.0: one device, the last. */
const OLD_FORMAT = 'isonet-run-1';
const STATUSES: readonly RunStatus[] = ['running', 'stopped', 'failed', 'finished'];

/** The text of run.json. */
export function recordText(record: RunRecord): string {
  return `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`;
}

/**
 * Reads the text of run.json, also that of isonet 0.1.0.
 * @param file names the file in errors
 * @throws DataError `RUN_RECORD` naming the file and the first field that is not as it should be
 */
export function parseRecord(text: string, file: string): RunRecord {
  const fields = Fields.parse(text, file);
  const format = fields.text('format');
  if (format !== FORMAT && format !== OLD_FORMAT) {
    throw new DataError('RUN_RECORD', `${file}: expected format ${FORMAT}, got ${JSON.stringify(format)}`);
  }
  const [options, data] = [fields.object('options'), fields.object('data')];
  return {
    model: fields.text('model'),
    options: {
      recipe: options.oneOf('recipe', Object.keys(recipes) as RecipeName[]),
      epochs: options.whole('epochs', 1),
      lr: options.number('lr'),
      batchSize: options.whole('batchSize', 1),
      microBatchSize: options.has('microBatchSize') ? options.whole('microBatchSize', 1) : null,
      seed: options.whole('seed', 0),
      batchNorm: options.flag('batchNorm'),
      dropout: options.has('dropout') ? options.number('dropout') : null,
      limit: options.has('limit') ? options.whole('limit', 1) : null,
      data: options.has('data') ? options.text('data') : null,
    },
    data: {
      kind: data.text('kind'),
      path: data.text('path'),
      text: data.text('text'),
      train: data.whole('train', 1),
      test: data.whole('test', 1),
      sha256: data.text('sha256'),
    },
    segments: format === OLD_FORMAT ? [parseOldSegment(fields)] : parseSegments(fields),
    started: fields.text('started'),
    updated: fields.text('updated'),
    status: fields.oneOf('status', STATUSES),
    step: fields.whole('step', 0),
    steps: fields.whole('steps', 1),
    history: fields.list('history').map(parseEpoch),
  };
}

/** The text of a checkpoint's metadata. */
export function progressText(progress: Progress): string {
  return JSON.stringify(progress);
}

/**
 * Reads the text of a checkpoint's metadata.
 * @param file names the file in errors
 * @throws DataError `RUN_RECORD` naming the file and the first field that is not as it should be
 */
export function parseProgress(text: string, file: string): Progress {
  const fields = Fields.parse(text, file);
  const epoch = fields.object('epoch');
  const count = epoch.whole('count', 0);
  return {
    step: fields.whole('step', 0),
    epoch: {
      loss: epoch.number('loss'),
      count,
      scores: epoch.has('scores') ? parseScores(epoch) : oldScores(epoch, count),
      seconds: epoch.number('seconds'),
    },
    history: fields.list('history').map(parseEpoch),
  };
}

function parseScores(fields: Fields): Scores {
  return Object.fromEntries(
    fields.objects('scores').map(([name, score]) => {
      return [name, { sum: score.number('sum'), count: score.whole('count', 0) }] as const;
    }),
  );
}

/** Of isonet 0.2.0, which counted right predictions alone. */
function oldScores(fields: Fields, count: number): Scores {
  const correct = fields.whole('correct', 0);
  return count === 0 ? {} : { accuracy: { sum: correct, count } };
}

function parseEpoch(fields: Fields): EpochReport {
  return {
    epoch: fields.whole('epoch', 1),
    loss: fields.number('loss'),
    // Until isonet 0.2.0 the only metric was the accuracy.
    metrics: fields.has('metrics') ? fields.numbers('metrics') : { accuracy: fields.number('trainAccuracy') },
    ...optionalNumbers(fields, [
      'trainAccuracy',
      'validationLoss',
      'validationAccuracy',
      'testLoss',
      'testAccuracy',
    ]),
    ...(fields.has('validationMetrics') ? { validationMetrics: fields.numbers('validationMetrics') } : {}),
    ...(fields.has('testMetrics') ? { testMetrics: fields.numbers('testMetrics') } : {}),
    seconds: fields.number('seconds'),
  };
}

/** The fields that are there. */
function optionalNumbers<K extends string>(fields: Fields, names: readonly K[]): Partial<Record<K, number>> {
  const found: Partial<Record<K, number>> = {};
  for (const name of names) if (fields.has(name)) found[name] = fields.number(name);
  return found;
}

// A checkpoint: the progress of a run, and the complete state to resume it with bitwise identical results. The tensors of
// the state keep their own names, and those of early stopping's best epoch are stored under `best/`. The metadata holds the
// progress, the settings of the run and a checksum. isonet writes checkpoints but reads them as untrusted input.
import type { Checkpoint, EpochReport, Scores, StoppingState, Tensors } from '@isonet/core';
import { DataError, decodeSafetensors, encodeSafetensors } from '@isonet/core';
import { verifyChecksum, withChecksum } from './checksum.ts';
import { parseEpoch } from './epochs.ts';
import { Fields } from './fields.ts';
import type { Settings } from './settings.ts';

/** The state that a run resumes from: core's checkpoint, and the reports of earlier epochs. */
export interface SavedState extends Checkpoint {
  readonly history: readonly EpochReport[];
  /** The settings of the run; undefined in checkpoints of isonet 0.3.0 and earlier. */
  readonly settings?: Settings;
}

const BEST = 'best/';

/** Returns the name in the file for a tensor of the best epoch, e.g. `best/nin1.c1.w`. */
export function bestName(name: string): string {
  return `${BEST}${name}`;
}

/** Returns the tensors of the best epoch under their names in the file. */
export function bestTensors({ values }: StoppingState): Tensors {
  return Object.fromEntries(Object.entries(values).map(([name, tensor]) => [bestName(name), tensor]));
}

/** Encodes a checkpoint. */
export function encodeCheckpoint({
  step,
  epoch,
  history,
  values,
  stopping,
  settings,
}: SavedState): Uint8Array {
  const numbers = stopping && { best: stopping.best, epoch: stopping.epoch, waited: stopping.waited };
  const progress = JSON.stringify({ step, epoch, history, stopping: numbers });
  const tensors = { ...values, ...(stopping ? bestTensors(stopping) : {}) };
  const metadata = { progress, ...(settings ? { settings: JSON.stringify(settings) } : {}) };
  return encodeSafetensors(tensors, withChecksum(tensors, metadata));
}

/**
 * Decodes a checkpoint, including those of isonet 0.1.0. It does not check which tensors the file contains; see
 * `checkCheckpoint`.
 * @param file the file's name, for errors
 * @throws DataError `SAFETENSORS` for bytes of a different format; `CHECKSUM` for damaged bytes; `RUN_RECORD` naming the
 *   file and the first invalid value
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string): SavedState {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  verifyChecksum(tensors, metadata, file);
  const { progress, settings } = metadata;
  if (progress === undefined) {
    throw new DataError('RUN_RECORD', `${file}: the progress of the run is missing: the file is damaged`);
  }
  const fields = Fields.parse(progress, file);
  const epoch = fields.object('epoch');
  const count = epoch.whole('count', 0);
  const numbers = {
    step: fields.whole('step', 0),
    epoch: {
      loss: epoch.number('loss'),
      count,
      scores: epoch.has('scores') ? parseScores(epoch) : oldScores(epoch, count),
      seconds: epoch.number('seconds'),
    },
    history: fields.list('history').map(parseEpoch),
    ...(settings === undefined ? {} : { settings: Fields.parse(settings, file).json() }),
  };
  // Without early stopping, tensors under `best/` stay among the others, where the check of the model rejects them.
  if (!fields.has('stopping')) return { ...numbers, values: tensors };
  const isBest = ([name]: readonly [string, unknown]): boolean => name.startsWith(BEST);
  const all = Object.entries(tensors);
  const best = all.filter(isBest).map(([name, tensor]) => [name.slice(BEST.length), tensor] as const);
  const stopping = parseStopping(fields.object('stopping'), Object.fromEntries(best));
  return { ...numbers, values: Object.fromEntries(all.filter((entry) => !isBest(entry))), stopping };
}

function parseStopping(fields: Fields, values: Tensors): StoppingState {
  return {
    best: fields.number('best'),
    epoch: fields.whole('epoch', 1),
    waited: fields.whole('waited', 0),
    values,
  };
}

function parseScores(fields: Fields): Scores {
  return Object.fromEntries(
    fields.objects('scores').map(([name, score]) => {
      return [name, { sum: score.number('sum'), count: score.whole('count', 0) }] as const;
    }),
  );
}

/** Reads the scores of isonet 0.2.0, which counted only correct predictions. */
function oldScores(fields: Fields, count: number): Scores {
  const correct = fields.whole('correct', 0);
  return count === 0 ? {} : { accuracy: { sum: correct, count } };
}

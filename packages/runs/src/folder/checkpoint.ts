// A checkpoint: where a training stands, and all that is needed to go on from there, to the bit. The tensors of the state have
// their own names, those of early stopping's best epoch are under `best/`; the numbers, the settings of the run and a checksum
// are in the metadata. isonet writes it, but reads it as untrusted bytes.
import type { Checkpoint, EpochReport, Scores, StoppingState, Tensors } from '@isonet/core';
import { DataError, decodeSafetensors, encodeSafetensors } from '@isonet/core';
import { verifyChecksum, withChecksum } from './checksum.ts';
import { parseEpoch } from './epochs.ts';
import { Fields } from './fields.ts';
import type { Settings } from './settings.ts';

/** What a run resumes from: core's checkpoint, and the epochs before it. */
export interface SavedState extends Checkpoint {
  readonly history: readonly EpochReport[];
  /** Those that it was trained with; undefined in what isonet 0.3.0 and before wrote. */
  readonly settings?: Settings;
}

const BEST = 'best/';

/** The name in the file of a tensor of the best epoch, e.g. `best/nin1.c1.w`. */
export function bestName(name: string): string {
  return `${BEST}${name}`;
}

/** The tensors of the best epoch under their names in the file. */
export function bestTensors({ values }: StoppingState): Tensors {
  return Object.fromEntries(Object.entries(values).map(([name, tensor]) => [bestName(name), tensor]));
}

/** The bytes of a checkpoint. */
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
 * Reads the bytes of a checkpoint, also those of isonet 0.1.0. Which tensors there are is for the model to check.
 * @param file names the file in errors
 * @throws DataError `SAFETENSORS` for bytes that are not of this format; `CHECKSUM` for damaged ones; `RUN_RECORD` naming the file and the first number
 *   that is not as it should be
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string): SavedState {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  verifyChecksum(tensors, metadata, file);
  const { progress, settings } = metadata;
  if (progress === undefined) {
    throw new DataError('RUN_RECORD', `${file}: does not say how far the run came: it is damaged`);
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
  // Without early stopping, a tensor under `best/` is one too many.
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

/** Of isonet 0.2.0, which counted right predictions alone. */
function oldScores(fields: Fields, count: number): Scores {
  const correct = fields.whole('correct', 0);
  return count === 0 ? {} : { accuracy: { sum: correct, count } };
}

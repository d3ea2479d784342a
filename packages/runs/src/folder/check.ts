// Checks that the contents of a file belong to a run: its tensors are exactly those of the model, and its values fit the
// run's length.
import type { ImageClassifier, ModelState, Optimizer, Tensors } from '@isonet/core';
import { averageName, batchCount, DataError, slotName, stateOf, wanted } from '@isonet/core';
import type { TrainingImages } from '../data/parts.ts';
import { counted } from '../words.ts';
import type { SavedState } from './checkpoint.ts';
import { bestName, bestTensors } from './checkpoint.ts';
import { RECORD_FIX } from './fields.ts';
import type { RunRecord } from './record.ts';

/** Checks the parameters and buffers of a model. @throws DataError naming the first tensor that does not fit */
export function checkWeights(model: ImageClassifier, weights: Tensors, where: string): void {
  const { parameters, buffers } = stateOf(model);
  checkTensors(weights, [...parameters, ...buffers], where);
}

/**
 * Checks a run's checkpoint: its progress, parameters, buffers, optimizer slots and averages, and the same tensors for the
 * best epoch if early stopping has one.
 * @throws DataError naming the file and the first tensor or value that does not fit
 */
export function checkCheckpoint(
  saved: SavedState,
  { parameters, buffers, learned }: ModelState,
  { slots }: Optimizer,
  record: RunRecord,
  file: string,
): void {
  const kept = learned.flatMap(({ name, shape }) => [
    ...slots.map((slot) => ({ name: slotName(slot, name), shape })),
    ...(record.options.average === null ? [] : [{ name: averageName(name), shape }]),
  ]);
  const state = [...parameters, ...buffers, ...kept];
  checkTensors(saved.values, state, file);
  checkNumbers(saved, record, file);
  if (!saved.stopping) return;
  const best = state.map(({ name, shape }) => ({ name: bestName(name), shape }));
  checkTensors(bestTensors(saved.stopping), best, file);
}

/** Checks that a checkpoint's step is within its run, and that its totals are those of the current epoch. */
function checkNumbers(
  { step, epoch, history, stopping }: SavedState,
  { options, data, steps }: RunRecord,
  file: string,
): void {
  const fail = (field: string, expected: string, got: unknown): DataError =>
    new DataError(
      'RUN_RECORD',
      `${file}: ${field}: expected ${expected}, got ${String(got)}: it belongs to another run, or is damaged`,
    );
  const perEpoch = batchCount(data.train, options.batchSize);
  const first = history.length * perEpoch;
  const last = Math.min(first + perEpoch, steps);
  if (step < first || step > last) throw fail('step', `a number from ${first} to ${last}`, step);
  const count = Math.min((step - first) * options.batchSize, data.train);
  if (epoch.count !== count) throw fail('epoch.count', String(count), epoch.count);
  for (const [i, { epoch: number, validationLoss }] of history.entries()) {
    if (number !== i + 1) throw fail(`history[${i}].epoch`, String(i + 1), number);
    if (data.validation !== undefined && validationLoss === undefined) {
      throw fail(`history[${i}].validationLoss`, 'a number', 'nothing');
    }
  }
  if ((options.patience !== null && history.length > 0) !== (stopping !== undefined)) {
    throw fail('stopping', stopping ? 'nothing' : 'an object', stopping ? 'an object' : 'nothing');
  }
  if (stopping && stopping.epoch + stopping.waited !== history.length) {
    const { epoch: best, waited } = stopping;
    throw fail('stopping', `epoch + waited to be ${history.length}`, `${best} + ${waited}`);
  }
}

/**
 * Checks that the recorded number of steps follows from the settings of a run. With any other number, the schedule would
 * change.
 * @throws DataError `RUN_RECORD`
 */
export function checkLength({ options: { epochs, batchSize }, data, steps }: RunRecord, file: string): void {
  const perEpoch = batchCount(data.train, batchSize);
  if (steps === epochs * perEpoch) return;
  const [ofEpochs, ofSteps] = [counted(epochs, 'epoch'), counted(perEpoch, 'step')];
  throw new DataError(
    'RUN_RECORD',
    `${file}: steps: expected ${epochs * perEpoch}, which is ${ofEpochs} of ${ofSteps}, got ${steps}; ${RECORD_FIX}`,
  );
}

/** Checks that a run has as many images as it started with. @throws DataError `RUN_RECORD` */
export function checkImages({ train, validation }: TrainingImages, { data }: RunRecord, file: string): void {
  for (const [field, expected, got] of [
    ['train', train.length, data.train],
    ['validation', validation?.length, data.validation],
  ] as const) {
    if (expected === got) continue;
    throw new DataError(
      'RUN_RECORD',
      `${file}: data.${field}: expected ${expected ?? 'nothing'}, got ${got ?? 'nothing'}; ${RECORD_FIX}`,
    );
  }
}

function checkTensors(
  tensors: Tensors,
  expected: readonly { readonly name: string; readonly shape: readonly number[] }[],
  where: string,
): void {
  for (const { name, shape } of expected) {
    checkFinite(name, tensorOf(tensors, name, shape, where), where);
  }
  const names = new Set(expected.map(({ name }) => name));
  const other = Object.keys(tensors).find((name) => !names.has(name));
  if (other !== undefined) {
    throw new DataError('UNKNOWN', `${where}: this model has no tensor "${other}": ${OTHER_NETWORK}`);
  }
}

const OTHER_NETWORK =
  "the file belongs to another network: restore this run's own file, or train another run";

function tensorOf(tensors: Tensors, name: string, shape: readonly number[], where: string): Tensors[string] {
  try {
    return wanted(tensors, name, { dtype: 'float32', shape }, where);
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(cause.code, `${cause.message}: ${OTHER_NETWORK}`, { cause });
  }
}

/** @throws DataError `NOT_FINITE` for a tensor that contains NaN or an infinity */
export function checkFinite(name: string, { data }: Tensors[string], where: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new DataError('NOT_FINITE', `${where}: "${name}" contains ${data[at]}: the weights are unusable`);
}

// Builds the lines of metrics.jsonl from a run while it trains.
import type { EpochReport, EpochTotals } from '@isonet/core';
import type { EpochEntry, StartEntry } from '../folder/metrics.ts';
import { lastSegment } from '../folder/segments.ts';
import type { PreparedRun } from './preparedRun.ts';

/** Builds the first line of a segment: the model, the device and the data. */
export function startEntry({ record, opened, saved, planNote }: PreparedRun): StartEntry {
  const { backend, device, text, changes } = lastSegment(record);
  const step = saved === undefined ? 0 : saved.step;
  return {
    event: step === 0 ? 'start' : 'resume',
    time: new Date().toISOString(),
    model: record.model,
    task: record.task,
    recipe: record.options.recipe,
    backend,
    device,
    deviceText: text,
    why: planNote === undefined ? opened.why : `${opened.why}; ${planNote}`,
    data: record.data,
    epochs: record.options.epochs,
    batchSize: record.options.batchSize,
    step,
    steps: record.steps,
    ...(changes === undefined ? {} : { changes }),
  };
}

/** Builds the line of an epoch. @param totals the totals of the epoch's training, excluding its evaluation */
export function epochEntry(
  { record: { data, options, steps }, recipe }: PreparedRun,
  report: EpochReport,
  { count, seconds }: EpochTotals,
): EpochEntry {
  const { epochs, batchSize, lr } = options;
  const step = (steps / epochs) * report.epoch;
  const position = { step: step - 1, steps, batch: data.train % batchSize || batchSize, batchSize };
  return {
    event: 'epoch',
    time: new Date().toISOString(),
    step,
    ...report,
    lr: recipe.schedule(lr)(position),
    imagesPerSecond: count / Math.max(seconds, 1e-3),
  };
}

// Parses epoch reports in run.json and checkpoints.
import type { EpochReport } from '@isonet/core';
import type { Fields } from './fields.ts';

/** Parses the report of an epoch. @throws DataError `RUN_RECORD` naming the first invalid field */
export function parseEpoch(fields: Fields): EpochReport {
  return {
    epoch: fields.whole('epoch', 1),
    loss: fields.number('loss'),
    // isonet 0.2.0 and earlier had accuracy as their only metric.
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

/** Returns the fields that are present. */
function optionalNumbers<K extends string>(fields: Fields, names: readonly K[]): Partial<Record<K, number>> {
  const found: Partial<Record<K, number>> = {};
  for (const name of names) if (fields.has(name)) found[name] = fields.number(name);
  return found;
}

// isonet evaluate RUN: loss and metrics of its weights on the test images; of a classifier, recall and precision per class too.
import type { ClassifierEvaluation, Device, Evaluation } from '@isonet/core';
import { defined, evaluate as evaluateModel, perClass } from '@isonet/core';
import type { DeviceRequest, LoadedRun, ModelData } from '@isonet/runs';
import { backendLine, className, counted, loadData, loadRun, openDevice } from '@isonet/runs';
import type { Context } from '../context.ts';
import { printJson, printLine } from '../io.ts';
import { dataJson, deviceJson } from '../show/json.ts';
import { table } from '../show/table.ts';
import { count, metricTexts } from '../show/text.ts';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends DeviceRequest {
  /** Where the file of a network of the user's own is now. */
  readonly model?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** Prints what a run's weights give on the test images. @returns the exit code */
export async function evaluate(context: Context, given: string, options: EvaluateOptions): Promise<number> {
  const { io } = context;
  const run = await loadRun(context, given, options.model);
  const opened = await openDevice(context.backends, options);
  try {
    if (!options.json) printLine(io, backendLine(opened));
    const data = await loadData(io.cwd, options.data ?? run.record.options.data, run.model);
    if (!options.json) printLine(io, data.source.text);
    const result = await evaluateRun(run, opened.device, data);
    if (options.json) {
      const got = { ...deviceJson(opened), data: dataJson(data) };
      printJson(io, { run: run.folder.shown, model: run.record.model, ...got, ...result });
    } else {
      printLine(io, evaluationLine(result));
      const lines = isOfClassifier(result) ? classLines(result, data.test.classes) : [];
      for (const line of lines) printLine(io, line);
    }
    return 0;
  } finally {
    await opened.device[Symbol.asyncDispose]();
  }
}

/** Measures a run's weights on the test images, by what the run was trained for. */
export async function evaluateRun(
  { model, task, weights }: LoadedRun,
  device: Device,
  { test }: ModelData,
): Promise<Evaluation> {
  const state = await device.createState(weights);
  try {
    return await evaluateModel({ model, task, device, state, data: test });
  } finally {
    await state[Symbol.asyncDispose]();
  }
}

/** One line per class: how well it is found, and what it is most often mistaken for. */
function classLines({ confusion }: ClassifierEvaluation, classes: readonly string[]): readonly string[] {
  const rows = perClass(confusion).map(({ precision, recall, f1, count: images }, k) => {
    const numbers = [recall, precision, f1].map((value) => value.toFixed(3));
    const row = defined(confusion[k], `row ${k} of the confusion`);
    return [className(classes, k), count(images), ...numbers, takenFor(row, k, classes)];
  });
  const columns = [
    { head: 'class' },
    { head: 'images', align: 'right' },
    { head: 'recall', align: 'right' },
    { head: 'precision', align: 'right' },
    { head: 'F1', align: 'right' },
    { head: 'most often mistaken for' },
  ] as const;
  return table(columns, rows);
}

/** `shirt (112)`, or nothing where no image is mistaken. */
function takenFor(row: readonly number[], truth: number, classes: readonly string[]): string {
  const most = Math.max(...row.filter((_, k) => k !== truth));
  if (most <= 0) return '';
  const k = row.findIndex((images, other) => other !== truth && images === most);
  return `${className(classes, k)} (${count(most)})`;
}

/** `test loss 0.4312, test acc 0.850 (8,503 of 10,000 images)`; `test loss 0.02, test mean squared error 0.02 (10,000 images)` */
export function evaluationLine(evaluation: Evaluation): string {
  const { loss, metrics, count: all } = evaluation;
  const images = counted(all, 'image');
  const of = isOfClassifier(evaluation) ? `${count(evaluation.correct)} of ${images}` : images;
  return `${[`test loss ${loss.toFixed(4)}`, ...metricTexts('test', metrics)].join(', ')} (${of})`;
}

function isOfClassifier(evaluation: Evaluation): evaluation is ClassifierEvaluation {
  return 'confusion' in evaluation;
}

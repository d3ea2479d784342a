// isonet evaluate RUN, or FILE.onnx: measures loss and metrics on the test images; for a classifier, also recall and precision per
// class.
import { resolve } from 'node:path';
import type { ClassifierEvaluation, Device, Evaluation } from '@isonet/core';
import { defined, evaluate as evaluateModel, perClass } from '@isonet/core';
import type { DeviceRequest, ModelData, TrainedModel, TrainedRequest } from '@isonet/runs';
import {
  backendLine,
  className,
  command,
  counted,
  loadData,
  loadTrained,
  openDevice,
  takerOf,
  UsageError,
} from '@isonet/runs';
import type { Context } from '../context.ts';
import { printJson, printLine, printNote } from '../io.ts';
import { dataJson, deviceJson, trainedJson } from '../show/json.ts';
import { onnxLines } from '../show/onnxFile.ts';
import { pictureProgress } from '../show/pictureProgress.ts';
import { table } from '../show/table.ts';
import { count, metricTexts } from '../show/text.ts';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends DeviceRequest, TrainedRequest {
  readonly data?: string;
  readonly json?: boolean;
}

/** Evaluates a network on the test images and prints the result. @returns the exit code */
export async function evaluate(context: Context, given: string, options: EvaluateOptions): Promise<number> {
  const { io } = context;
  const { json = false } = options;
  const trained = await loadTrained(context, given, options);
  if (trained.onnx && options.data === undefined) {
    throw new UsageError(`no images given: run ${command`npx isonet evaluate ${given}`} --data FOLDER`);
  }
  const opened = await openDevice(context.backends, options);
  let data: ModelData | undefined;
  try {
    if (!json) {
      printLine(io, backendLine(opened));
      if (trained.onnx) for (const line of onnxLines(trained.onnx)) printLine(io, line);
    }
    data = await testData(context, trained, options);
    if (!json) printLine(io, data.source.text);
    for (const note of data.notes) printNote(io, `note: ${note}`);
    const result = await evaluateTrained(trained, opened.device, data);
    if (json) {
      printJson(io, { ...trainedJson(trained), ...deviceJson(opened), data: dataJson(data), ...result });
    } else {
      printLine(io, evaluationLine(result));
      const lines = isOfClassifier(result) ? classLines(result, data.test.classes) : [];
      for (const line of lines) printLine(io, line);
    }
    return 0;
  } finally {
    await data?.[Symbol.asyncDispose]();
    await opened.device[Symbol.asyncDispose]();
  }
}

/**
 * Loads the data to evaluate on: the folder that the user names, else the data of the run. If that folder is not the run's own,
 * all its images count as test images.
 */
export async function testData(
  { io }: Context,
  trained: TrainedModel,
  { data: named, strict }: Pick<EvaluateOptions, 'data' | 'strict'>,
): Promise<ModelData> {
  const { model, preprocessing, classes, hasClassNames, data: own, onnx, trainedOn } = trained;
  const taker = takerOf(model, preprocessing, hasClassNames ? classes : undefined);
  const isOther = named !== undefined && (own === null || resolve(io.cwd, named) !== own);
  const data = await loadData(
    io.cwd,
    named ?? own,
    { ...taker, onnx: onnx?.shown },
    { strict, testAll: isOther, trainedOn: trainedOn?.sha256, onProgress: pictureProgress(io) },
  );
  const hasChanged =
    !isOther &&
    trainedOn?.testSha256 !== undefined &&
    trainedOn.testSha256 !== data.test.sha256 &&
    trainedOn.sha256 !== data.train.sha256;
  if (!hasChanged) return data;
  const note = `${data.source.path} has changed since the run was trained: some of its test images may have been training images`;
  return { ...data, notes: [...data.notes, note] };
}

/** Evaluates weights on the test images, with the loss and metrics of their task. */
export async function evaluateTrained(
  { model, task, weights }: Pick<TrainedModel, 'model' | 'task' | 'weights'>,
  device: Device,
  { test }: Pick<ModelData, 'test'>,
): Promise<Evaluation> {
  const state = await device.createState(weights);
  try {
    return await evaluateModel({ model, task, device, state, data: test });
  } finally {
    await state[Symbol.asyncDispose]();
  }
}

/** Above this number of classes, those without test images are not listed. */
const MOST_CLASSES = 30;

/** Formats one line per class: its recall, precision and F1, and the class that it is most often mistaken for. */
function classLines({ confusion }: ClassifierEvaluation, classes: readonly string[]): readonly string[] {
  const rows = perClass(confusion).flatMap(({ precision, recall, f1, count: images }, k) => {
    if (images === 0 && confusion.length > MOST_CLASSES) return [];
    const numbers = [recall, precision, f1].map((value) => value.toFixed(3));
    const row = defined(confusion[k], `row ${k} of the confusion`);
    return [[className(classes, k), count(images), ...numbers, mistakeText(row, k, classes)]];
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

/** Formats the most frequent mistake: `shirt (112)`. Empty if every image is classified correctly. */
function mistakeText(row: readonly number[], truth: number, classes: readonly string[]): string {
  const most = Math.max(...row.filter((_, k) => k !== truth));
  if (most <= 0) return '';
  const k = row.findIndex((images, other) => other !== truth && images === most);
  return `${className(classes, k)} (${count(most)})`;
}

/**
 * Formats a result: `test loss 0.4312, test acc 0.850 (8,503 of 10,000 images)`, or
 * `test loss 0.02, test mean squared error 0.02 (10,000 images)`.
 */
export function evaluationLine(evaluation: Evaluation): string {
  const { loss, metrics, count: all } = evaluation;
  const images = counted(all, 'image');
  const of = isOfClassifier(evaluation) ? `${count(evaluation.correct)} of ${images}` : images;
  return `${[`test loss ${loss.toFixed(4)}`, ...metricTexts('test', metrics)].join(', ')} (${of})`;
}

function isOfClassifier(evaluation: Evaluation): evaluation is ClassifierEvaluation {
  return 'confusion' in evaluation;
}

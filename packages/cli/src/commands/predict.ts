// isonet predict RUN IMAGE...: the classes that the network finds in images, with the pictures as it sees them.
import { isClassification } from '@isonet/core';
import type { ImageShape } from '@isonet/data';
import { preprocessing } from '@isonet/data';
import type { DeviceRequest, LoadedRun, ModelData, Prediction, RunData } from '@isonet/runs';
import {
  backendLine,
  classNamesOf,
  command,
  firstOf,
  loadData,
  loadRun,
  onThisThread,
  openDevice,
  predictAll,
  UsageError,
} from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { hasColor, printError, printJson, printLine, printNote } from '../io.ts';
import type { Pictures } from '../pictures.ts';
import { readPictures } from '../pictures.ts';
import type { DeviceJson } from '../show/json.ts';
import { dataJson, deviceJson } from '../show/json.ts';
import { printLines, printPictures } from '../show/predictions.ts';
import { colors } from '../show/text.ts';

/** Options of {@link predict}. */
export interface PredictOptions extends DeviceRequest {
  /** Where the file of a network of the user's own is now. */
  readonly model?: string;
  readonly data?: string;
  /** Instead of files: the first so many test images. */
  readonly test?: number;
  readonly invert?: boolean;
  readonly picture?: boolean;
  readonly json?: boolean;
}

/** Prints the classes of images. @returns the exit code: 1 where a file is not an image */
export async function predict(
  context: Context,
  given: string,
  files: readonly string[],
  options: PredictOptions,
): Promise<number> {
  const { io } = context;
  if (files.length === 0 && options.test === undefined) {
    throw new UsageError(
      `which image? ${command`npx isonet predict ${given}`} IMAGE...; or --test 3 for the first 3 test images`,
    );
  }
  if (files.length > 0 && options.test !== undefined) {
    throw new UsageError('--test takes images of the data instead of files: leave out one of them');
  }
  const run = await loadRun(context, given, options.model);
  if (!isClassification(run.task)) {
    throw new UsageError(
      `run "${run.folder.shown}" is trained for ${run.task.name}, not for classes: measure it with ${command`npx isonet evaluate ${run.folder.shown}`}`,
    );
  }
  const input =
    options.test === undefined
      ? await readPictures(
          io.cwd,
          files,
          preprocessing(run.model.input.shape, { invert: options.invert ?? false }),
        )
      : await testImages(io, run, options, options.test);
  const { subjects, failures, notes } = input;
  const { got, predictions } =
    subjects.length === 0 ? { got: {}, predictions: [] } : await predictOn(context, run, input, options);
  if (options.json) {
    const images = [
      ...predictions.map(withoutPixels),
      ...failures.map(({ name, error }) => ({ image: name, error })),
    ];
    printJson(io, { run: run.folder.shown, model: run.record.model, ...got, images });
  } else if (options.picture ?? io.isTTY) {
    printPictures(io, predictions, run.model.input.shape);
  } else {
    printLines(io, predictions);
  }
  for (const note of notes) printNote(io, note);
  // Fashion-MNIST's background is dark; that of other images is not known.
  const isFashion = run.record.data.classes === undefined;
  for (const { name, pixels } of predictions) {
    if (isFashion && hasLightBackground(pixels, run.model.input.shape)) {
      printNote(
        io,
        `note: ${name} has a light background, the training images a dark one: --invert may help`,
      );
    }
  }
  for (const { error } of failures) printError(io, error, colors(hasColor(io)).red);
  return failures.length === 0 ? 0 : 1;
}

interface Input extends Pictures {
  /** The data that they are of; files have none. */
  readonly data?: ModelData;
}

async function testImages(
  io: Io,
  { record, model }: LoadedRun,
  options: PredictOptions,
  wanted: number,
): Promise<Input> {
  const data = await loadData(io.cwd, options.data ?? record.options.data, model);
  return { subjects: firstOf(data.test, wanted), failures: [], notes: [], data };
}

/** What was found, and on what: the device, and the data where the images are of it. */
interface Outcome {
  readonly predictions: readonly Prediction[];
  readonly got: DeviceJson & { readonly data?: RunData };
}

async function predictOn(
  context: Context,
  run: LoadedRun,
  { subjects, data }: Input,
  options: PredictOptions,
): Promise<Outcome> {
  const opened = await openDevice(context.backends.map(onThisThread), options);
  const { device } = opened;
  try {
    if (!options.json) {
      printLine(context.io, backendLine(opened));
      if (data) printLine(context.io, data.source.text);
    }
    const got = { ...deviceJson(opened), ...(data ? { data: dataJson(data) } : {}) };
    return { got, predictions: await predictAll(run, device, subjects, classNamesOf(run.record)) };
  } finally {
    await device[Symbol.asyncDispose]();
  }
}

function withoutPixels({ name, truth, guesses }: Prediction): object {
  const [first, ...next] = guesses;
  return { image: name, ...first, next, ...(truth === undefined ? {} : { truth }) };
}

/** Whether the pixels of the outermost rows are lighter than dark on average. */
function hasLightBackground(pixels: Uint8Array, [, height, width]: ImageShape): boolean {
  const last = (height - 1) * width;
  const edge = [...pixels.subarray(0, width), ...pixels.subarray(last, last + width)];
  return edge.reduce((sum, byte) => sum + byte, 0) / edge.length > 127;
}

// isonet predict RUN IMAGE..., or FILE.onnx IMAGE...: classifies images, and draws them as the network sees them.
import { isClassification } from '@isonet/core';
import type { ImageShape } from '@isonet/data';
import { FASHION_MNIST_CLASSES } from '@isonet/data';
import type {
  DeviceRequest,
  ModelData,
  Prediction,
  RunData,
  TrainedModel,
  TrainedRequest,
} from '@isonet/runs';
import {
  backendLine,
  command,
  firstOf,
  loadTrained,
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
import { dataJson, deviceJson, trainedJson } from '../show/json.ts';
import { printLines, printPictures } from '../show/predictions.ts';
import { colors } from '../show/text.ts';
import { testData } from './evaluate.ts';

/** Options of {@link predict}. */
export interface PredictOptions extends DeviceRequest, TrainedRequest {
  readonly data?: string;
  /** The number of test images to classify instead of files. */
  readonly test?: number;
  readonly picture?: boolean;
  readonly json?: boolean;
}

/** Prints the classes of images. @returns the exit code: 1 if a file is not an image */
export async function predict(
  context: Context,
  given: string,
  files: readonly string[],
  options: PredictOptions,
): Promise<number> {
  const { io } = context;
  if (files.length === 0 && options.test === undefined) {
    throw new UsageError(
      `no images given: run ${command`npx isonet predict ${given}`} IMAGE..., or use --test 3 for the first 3 test images`,
    );
  }
  if (files.length > 0 && options.test !== undefined) {
    throw new UsageError('--test replaces image files: leave out --test or the files');
  }
  const trained = await loadTrained(context, given, options);
  checkCanClassify(trained, options);
  const input =
    options.test === undefined
      ? await readFiles(io, trained, files)
      : await testImages(context, trained, options, options.test);
  const { subjects, failures, notes } = input;
  const { got, predictions } =
    subjects.length === 0 ? { got: {}, predictions: [] } : await predictOn(context, trained, input, options);
  const { shape } = trained.model.input;
  if (options.json) {
    const images = [
      ...predictions.map(withoutPixels),
      ...failures.map(({ name, error }) => ({ image: name, error })),
    ];
    printJson(io, { ...trainedJson(trained), ...got, images });
  } else if (options.picture ?? (io.isTTY && shape[2] <= io.columns)) {
    printPictures(io, predictions, shape);
  } else {
    printLines(io, predictions);
  }
  for (const note of notes) printNote(io, note);
  // Fashion-MNIST has a dark background; the background of other data is unknown.
  const isFashion = trained.classes === FASHION_MNIST_CLASSES;
  for (const { name, pixels } of predictions) {
    if (isFashion && hasLightBackground(pixels, shape)) {
      printNote(
        io,
        `note: ${name} has a light background, but the training images have a dark one: --invert may help`,
      );
    }
  }
  for (const { error } of failures) printError(io, error, colors(hasColor(io)).red);
  return failures.length === 0 ? 0 : 1;
}

/** Checks that the network can classify the requested images. @throws UsageError */
function checkCanClassify({ task, shown, onnx }: TrainedModel, { test, data }: PredictOptions): void {
  if (!isClassification(task)) {
    throw new UsageError(
      `run "${shown}" is trained for ${task.name}, not for classification: measure it with ${command`npx isonet evaluate ${shown}`}`,
    );
  }
  if (onnx && test !== undefined && data === undefined) {
    throw new UsageError(`--test also needs --data FOLDER: ${shown} has no test images`);
  }
}

interface Input extends Pictures {
  /** The data that contain the images; undefined for files. */
  readonly data?: ModelData;
}

/** Reads image files. @throws UsageError for a network whose input is not an image */
async function readFiles(
  io: Io,
  { shown, model, preprocessing }: TrainedModel,
  files: readonly string[],
): Promise<Input> {
  if (preprocessing) return readPictures(io.cwd, files, preprocessing);
  throw new UsageError(
    `${shown} needs inputs [${model.input.shape.join(', ')}], but image files have 1 or 3 channels: use --test for images of its data`,
  );
}

async function testImages(
  context: Context,
  trained: TrainedModel,
  options: PredictOptions,
  wanted: number,
): Promise<Input> {
  const data = await testData(context, trained, options);
  try {
    const notes = data.notes.map((note) => `note: ${note}`);
    return { subjects: await firstOf(data, wanted), failures: [], notes, data };
  } finally {
    await data[Symbol.asyncDispose]();
  }
}

/** Predictions, and the device and data that produced them. */
interface Outcome {
  readonly predictions: readonly Prediction[];
  readonly got: DeviceJson & { readonly data?: RunData };
}

async function predictOn(
  context: Context,
  trained: TrainedModel,
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
    return { got, predictions: await predictAll(trained, device, subjects) };
  } finally {
    await device[Symbol.asyncDispose]();
  }
}

function withoutPixels({ name, truth, guesses }: Prediction): object {
  const [first, ...next] = guesses;
  return { image: name, ...first, next, ...(truth === undefined ? {} : { truth }) };
}

/** Returns whether the average of the top and bottom rows of pixels is light. */
function hasLightBackground(pixels: Uint8Array, [, height, width]: ImageShape): boolean {
  const last = (height - 1) * width;
  const edge = [...pixels.subarray(0, width), ...pixels.subarray(last, last + width)];
  return edge.reduce((sum, byte) => sum + byte, 0) / edge.length > 127;
}

// isonet export RUN --to FILE, or FILE.onnx --to FILE: exports a trained network as an ONNX model.
import { resolve } from 'node:path';
import { DataError, isClassification } from '@isonet/core';
import type { TrainedRequest } from '@isonet/runs';
import { counted, exportMetadata, loadTrained, replaceFile, writeNewFile } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../io.ts';
import { trainedJson } from '../show/json.ts';
import { writingWhole } from '../stop.ts';

/** Options of {@link exportTrained}. */
export interface ExportOptions extends TrainedRequest {
  readonly to: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Writes a network as an ONNX model. @returns 0; 128 + the signal number if a signal arrived meanwhile */
export async function exportTrained(
  context: Context,
  given: string,
  options: ExportOptions,
): Promise<number> {
  const { io } = context;
  const trained = await loadTrained(context, given, { ...options, feedsPictures: false });
  const { model, task, weights, classes, hasClassNames } = trained;
  const { exportOnnx } = await import('@isonet/onnx');
  const bytes = exportOnnx(model, weights, {
    ...exportMetadata(trained),
    ...(hasClassNames && isClassification(task) ? { classNames: classes } : {}),
  });
  const stopped = await writingWhole(io, options.to, () => write(io, options, bytes));
  const input = `[${['N', ...model.input.shape].join(', ')}]`;
  const output = `[N, ${model.output.shape[0]}]`;
  const names = { input: model.input.name, output: model.activation?.output ?? model.output.name };
  if (options.json) {
    printJson(io, {
      ...trainedJson(trained),
      file: options.to,
      bytes: bytes.length,
      input: `${names.input} float32 ${input}`,
      output: `${names.output} float32 ${output}`,
    });
  } else {
    printLine(
      io,
      `${options.to}: ONNX, ${counted(bytes.length, 'byte')}, ${names.input} ${input} -> ${names.output} ${output}`,
    );
  }
  return stopped ?? 0;
}

async function write({ cwd }: Io, { to, force }: ExportOptions, bytes: Uint8Array): Promise<void> {
  try {
    await (force ? replaceFile : writeNewFile)(resolve(cwd, to), bytes, to);
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'FILE_EXISTS') throw error;
    throw new DataError('FILE_EXISTS', `"${to}" already exists: choose another file, or pass --force`, {
      cause: error,
    });
  }
}

// isonet export RUN --to FILE: the trained network as an ONNX model.
import { resolve } from 'node:path';
import { DataError, isClassification } from '@isonet/core';
import { classNamesOf, counted, loadRun, replaceFile, writeNewFile } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../io.ts';
import { writingWhole } from '../stop.ts';

/** Options of {@link exportRun}. */
export interface ExportOptions {
  /** Where the file of a network of the user's own is now. */
  readonly model?: string;
  readonly to: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Writes a run's network as an ONNX model. @returns 0; 128 and its number where a signal came while it was written */
export async function exportRun(context: Context, given: string, options: ExportOptions): Promise<number> {
  const { io } = context;
  const { folder, record, model, task, weights } = await loadRun(context, given, options.model);
  const { exportOnnx } = await import('@isonet/onnx');
  const bytes = exportOnnx(
    model,
    weights,
    isClassification(task) ? { classNames: classNamesOf(record) } : {},
  );
  const stopped = await writingWhole(io, options.to, () => write(io, options, bytes));
  const input = `[${['N', ...model.input.shape].join(', ')}]`;
  const output = `[N, ${model.output.shape[0]}]`;
  const names = { input: model.input.name, output: model.output.name };
  if (options.json) {
    printJson(io, {
      run: folder.shown,
      model: record.model,
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
    throw new DataError('FILE_EXISTS', `"${to}" already exists: name another file, or --force`, {
      cause: error,
    });
  }
}

// Reads the network of a run that started from an ONNX file. The run folder holds a copy of the file, so the original
// is not needed.
import { createHash } from 'node:crypto';
import { DataError } from '@isonet/core';
import { UsageError } from '../errors.ts';
import type { ModelEntry, RunModel } from '../models.ts';
import { buildModel } from '../models.ts';
import { finetunedEntry, onnxEntry } from '../onnxModel/onnxEntry.ts';
import { parseOnnxModel } from '../onnxModel/onnxFile.ts';
import type { FileRequest } from './network.ts';
import type { RecordedOnnx } from './onnx.ts';
import type { RunOptions } from './options.ts';
import { modelOptions } from './options.ts';
import type { RunFolder } from './runFolder.ts';

/** A run of a network from an ONNX file. */
export interface OnnxOwner {
  readonly model: string;
  readonly onnx: RecordedOnnx;
  readonly options: RunOptions;
}

/**
 * Reads the network of a run from its folder.
 * @throws DataError `FILE_MISSING` if network.onnx is missing, `CHECKSUM` if it is damaged or a different file;
 *   UsageError if the request names a different model
 */
export async function recordedOnnx(
  folder: RunFolder,
  { model: name, onnx, options }: OnnxOwner,
  { given }: FileRequest,
): Promise<{ readonly entry: ModelEntry; readonly model: RunModel }> {
  if (given !== undefined && given !== name) {
    throw new UsageError(
      `run "${folder.shown}" is a run of ${name}, and its folder holds the network: leave the model out`,
    );
  }
  const bytes = await folder.readNetwork();
  if (createHash('sha256').update(bytes).digest('hex') !== onnx.sha256) {
    throw new DataError(
      'CHECKSUM',
      `${folder.networkFile}: not the network of this run, or damaged: restore the original file, or train another run`,
    );
  }
  const { dims, head } = onnx;
  const file = await parseOnnxModel({ path: onnx.file, shown: folder.networkFile, bytes, dims, name });
  const entry = head === undefined ? onnxEntry(file) : finetunedEntry(file, head.classes, head.node);
  return { entry, model: await buildModel(entry, modelOptions(options)) };
}

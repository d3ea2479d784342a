// ONNX's own backend tests as they lie in a folder: `node/test_abs/model.onnx`, and beside it `test_data_set_0/input_0.pb` and so
// on. Debian's package libonnx-testdata installs them; Python's package onnx has some of them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import type { HostTensor } from '@isonet/onnx/read';
import { decodeTensor } from '@isonet/onnx/read';

/** One of ONNX's backend tests. */
export interface OnnxCase {
  /** The folder's path below that of all cases: `node/test_abs`. */
  readonly key: string;
  readonly folder: string;
}

/** Inputs and the expected outputs, in the order of the model's. Undefined for one that is not a tensor, or of an unread type. */
export interface OnnxDataSet {
  readonly inputs: readonly (NamedHostTensor | undefined)[];
  readonly outputs: readonly (NamedHostTensor | undefined)[];
}

/** A tensor of a data set. */
export interface NamedHostTensor {
  /** '' where the file does not say. */
  readonly name: string;
  readonly tensor: HostTensor;
}

/**
 * The cases in a folder, sorted by key.
 * @throws DataError `ONNX_CASES` for a folder without any
 */
export async function findOnnxCases(data: string): Promise<readonly OnnxCase[]> {
  const models = await readdir(data, { recursive: true }).catch(() => []);
  const keys = models
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('/model.onnx'))
    .map((path) => path.slice(0, -'/model.onnx'.length))
    .toSorted();
  if (keys.length === 0) {
    throw new DataError(
      'ONNX_CASES',
      `expected ONNX's backend tests (node/test_abs/model.onnx, ...) in "${data}", got none; on Debian: apt-get install libonnx-testdata`,
    );
  }
  return keys.map((key) => ({ key, folder: join(data, key) }));
}

/** The bytes of a case's model. */
export async function modelOf({ folder }: OnnxCase): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(folder, 'model.onnx')));
}

/** The data sets of a case, in order. */
export async function dataSetsOf({ folder }: OnnxCase): Promise<readonly OnnxDataSet[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('test_data_set_')).toSorted();
  return Promise.all(
    names.map(async (name) => ({
      inputs: await tensorsOf(join(folder, name), 'input'),
      outputs: await tensorsOf(join(folder, name), 'output'),
    })),
  );
}

async function tensorsOf(
  folder: string,
  what: 'input' | 'output',
): Promise<readonly (NamedHostTensor | undefined)[]> {
  const count = (await readdir(folder)).filter((name) => new RegExp(`^${what}_\\d+\\.pb$`).test(name)).length;
  return Promise.all(
    Array.from({ length: count }, async (_, i) => decoded(await readFile(join(folder, `${what}_${i}.pb`)))),
  );
}

function decoded(bytes: Uint8Array): NamedHostTensor | undefined {
  try {
    const { name, tensor } = decodeTensor(bytes);
    return { name, tensor: tensor.decode() };
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

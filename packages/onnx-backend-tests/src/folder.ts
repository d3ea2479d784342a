// Finds and reads ONNX's backend tests in a folder: `node/test_abs/model.onnx` with `test_data_set_0/input_0.pb`, `output_0.pb` and
// so on next to it. Debian's package libonnx-testdata installs them; Python's package onnx contains some of them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import type { HostTensor } from '@isonet/onnx/read';
import { decodeTensor } from '@isonet/onnx/read';

/** One of ONNX's backend tests. */
export interface OnnxCase {
  /** Its path relative to the folder of all cases: `node/test_abs`. */
  readonly key: string;
  readonly folder: string;
}

/**
 * The inputs and expected outputs, in the model's order. A value that is not a tensor, or that has an unsupported type,
 * is undefined.
 */
export interface OnnxDataSet {
  readonly inputs: readonly (NamedHostTensor | undefined)[];
  readonly outputs: readonly (NamedHostTensor | undefined)[];
}

/** A tensor of a data set. */
export interface NamedHostTensor {
  /** '' if the file does not name it. */
  readonly name: string;
  readonly tensor: HostTensor;
}

/**
 * Finds the cases in a folder, sorted by key.
 * @throws DataError `ONNX_CASES` if the folder contains none
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

/** Reads the bytes of a case's model. */
export async function modelOf({ folder }: OnnxCase): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(folder, 'model.onnx')));
}

/** Reads the data sets of a case, in order. */
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

// Validates the model that a user's file exports. Errors name the invalid field.
import type { ImageClassifier, Layer } from '@isonet/core';
import { DataError } from '@isonet/core';
import type { Exports } from './importFile.ts';

const EXPECTED =
  'expected a model, { name, input: { name, shape }, output: { name, shape }, layer }, or a function that returns one';

/** A model, or a function that builds one from the options of a command. */
export type ModelExport = Readonly<Record<string, unknown>> | ((options: object) => unknown);

/**
 * Returns the default export.
 * @param file the file's name, for errors
 * @throws DataError `MODEL_FILE` if there is none
 */
export function defaultExport(exports: Exports, file: string): ModelExport {
  const { default: main } = exports;
  if (typeof main === 'function') {
    if (main.length < 2) return main as (options: object) => unknown;
    throw new DataError('MODEL_FILE', `${file}: the default export is a layer, (scope, x) => y: ${EXPECTED}`);
  }
  if (isObject(main)) return main;
  const others = Object.keys(exports).filter((name) => name !== 'default' && name !== '__esModule');
  const found = others.length === 0 ? '' : `; it exports ${others.join(', ')}`;
  const got = main === undefined ? 'no default export' : `the default export is ${textOf(main)}`;
  throw new DataError('MODEL_FILE', `${file}: ${got}: ${EXPECTED}${found}`);
}

/**
 * Validates the model that a file exports, or that its function returned.
 * @throws DataError `MODEL_FILE` naming the file and the first invalid field
 */
export function parseModel(value: unknown, file: string): ImageClassifier {
  const wrong = (field: string, expected: string, got: unknown): DataError =>
    new DataError('MODEL_FILE', `${file}: ${field}: expected ${expected}, got ${textOf(got)}`);
  if (!isObject(value)) {
    throw new DataError(
      'MODEL_FILE',
      `${file}: the exported function returned ${textOf(value)}: ${EXPECTED}`,
    );
  }
  const { name, input, output, layer } = value;
  // The name becomes part of folder names, on Windows, too.
  if (typeof name !== 'string' || !/^[^\s./\\:*?"<>|\p{C}][^/\\:*?"<>|\p{C}]*$/u.test(name)) {
    throw wrong('name', 'a valid folder name, without / \\ : * ? " < > |, such as "my-net"', name);
  }
  const spec = (field: string, given: unknown, axes: readonly string[], hint: string) => {
    if (!isObject(given)) throw wrong(field, `{ name, shape: [${axes.join(', ')}] }`, given);
    const { name: own, shape } = given;
    if (typeof own !== 'string' || own === '') throw wrong(`${field}.name`, 'a name', own);
    if (!isShape(shape)) {
      throw wrong(`${field}.shape`, `[${axes.join(', ')}], integers of at least 1`, shape);
    }
    if (shape.length !== axes.length) throw wrong(`${field}.shape`, `[${axes.join(', ')}]${hint}`, shape);
    return { name: own, shape };
  };
  const images = spec(
    'input',
    input,
    ['channels', 'height', 'width'],
    ', because the command line trains on images',
  );
  const logits = spec('output', output, ['classes'], ', because the command line trains classifiers');
  if (typeof layer !== 'function')
    throw wrong('layer', 'a function (scope, x) => y, such as sequential({ ... })', layer);
  const [channels, height, width] = images.shape;
  const [classes] = logits.shape;
  if (channels === undefined || height === undefined || width === undefined || classes === undefined) {
    throw wrong('input.shape', '[channels, height, width]', images.shape);
  }
  return {
    name,
    input: { name: images.name, shape: [channels, height, width] },
    output: { name: logits.name, shape: [classes] },
    layer: layer as Layer,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((dim) => Number.isSafeInteger(dim) && dim >= 1);
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number') return String(value);
  return (JSON.stringify(value) ?? typeof value).slice(0, 60);
}

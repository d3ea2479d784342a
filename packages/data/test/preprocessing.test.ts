// Tests the preprocessing value: its defaults, normalizations as text, and untrusted JSON.
import {
  normalizationText,
  parseNormalization,
  parsePreprocessing,
  preprocessing,
  type PreprocessingOptions,
  preprocessingFromJson,
  preprocessingText,
  preprocessingToJson,
} from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError } from './helpers.ts';

describe('a normalization', () => {
  test.each([
    ['imagenet', 3, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]],
    ['unit', 1, [0], [1]],
    ['unit', 3, [0, 0, 0], [1, 1, 1]],
    ['none', 1, [0], [1 / 255]],
    ['0.5/0.25', 3, [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]],
    ['0.5,0.4,0.3/0.2', 3, [0.5, 0.4, 0.3], [0.2, 0.2, 0.2]],
    [' -1e-1 / 2 ', 1, [-0.1], [2]],
  ] as const)('is parsed from "%s" for %d channels', (text, channels, mean, std) => {
    expect(parseNormalization(text, channels)).toEqual({ mean, std });
  });

  test.each([
    ['imagnet', 3, 'expected one of imagenet, unit, none, or MEAN/STD .*; did you mean imagenet\\?$'],
    ['0.5', 3, 'expected one of'],
    ['1/2/3', 3, 'expected one of'],
    ['0.5,/1', 3, 'mean 2 is "";'],
    ['0.5/0', 3, 'standard deviation 1 is "0"; expected a number above 0'],
    ['0.5/-1', 1, 'standard deviation 1 is "-1"'],
    ['Infinity/1', 1, 'mean 1 is "Infinity"'],
    [
      'imagenet',
      1,
      'its mean has 3 channels, but the images have 1; write one number for grey, such as 0.45/0.23',
    ],
    ['0.5/1,1', 3, 'its standard deviation has 2 channels, but the images have 3; write one number or 3'],
    ['constructor', 3, 'expected one of'],
  ] as const)('rejects "%s" for %d channels', async (text, channels, problem) => {
    const error = await dataError(() => parseNormalization(text, channels));
    expect(error).toMatch(new RegExp(`^NORMALIZATION: normalization "${text}": ${problem}`));
    expect(error).not.toContain('\n');
  });

  test.each(['imagenet', 'unit', 'none', '0.5,0.4,0.3/0.2,0.2,0.1'])(
    'is formatted as "%s" after parsing it',
    (text) => {
      expect(normalizationText(parseNormalization(text, 3))).toBe(text);
    },
  );
});

describe('a preprocessing', () => {
  test('fits inside, over black, with values from 0 to 1 by default', () => {
    expect(preprocessing([1, 28, 28])).toEqual({
      shape: [1, 28, 28],
      fit: 'contain',
      background: 'black',
      invert: false,
      mean: [0],
      std: [1],
    });
    expect(preprocessing([3, 224, 224], { resize: 256, normalize: 'imagenet' })).toMatchObject({
      fit: 'cover',
      resize: 256,
      mean: [0.485, 0.456, 0.406],
    });
  });

  const all = preprocessing([3, 224, 200], {
    resize: 256,
    invert: true,
    background: 'white',
    normalize: 'none',
  });

  test('survives a round trip through JSON and text', () => {
    expect(preprocessingFromJson(JSON.parse(JSON.stringify(preprocessingToJson(all))), 'x')).toEqual(all);
    expect(parsePreprocessing(preprocessingText(all), 'x')).toEqual(all);
    const grey = preprocessing([1, 28, 28]);
    expect(parsePreprocessing(preprocessingText(grey), 'x')).toEqual(grey);
  });

  test.each<[object, string]>([
    [{ format: 'isonet-run-2' }, 'format: expected "isonet-preprocessing", got "isonet-run-2"'],
    [{ version: 2 }, 'version: expected 1, the only one that this version of isonet supports, got 2'],
    [
      { shape: [2, 8, 8] },
      'shape: expected \\[channels, height, width\\] with 1 or 3 channels .*, got \\[2,8,8\\]',
    ],
    [{ shape: [1, 8, 1e9] }, 'shape: expected'],
    [{ shape: 'constructor' }, 'shape: expected'],
    [{ fit: 'inside' }, 'fit: expected one of contain, cover, fill, got "inside"'],
    [{ fit: 'fill' }, 'fit: expected cover, because resize is given, got "fill"'],
    [{ resize: 223 }, 'resize: expected an integer from 224, so that it covers \\[3, 224, 200\\]'],
    [{ background: null }, 'background: expected one of black, white, got null'],
    [{ invert: 1 }, 'invert: expected true or false, got 1'],
    [{ mean: [0, 0] }, 'mean: expected a list of 3 numbers, one per channel, got \\[0,0\\]'],
    [{ mean: [0, 0, '0'] }, 'mean: expected'],
    [{ std: [1, 1, 0] }, 'std: expected a list of 3 numbers above 0'],
    [{ std: undefined }, 'std: expected .*, got nothing'],
    [{ gamma: 2.2 }, 'unknown field "gamma"'],
  ])('rejects JSON with %j', async (field, problem) => {
    const json = { ...preprocessingToJson(all), ...field };
    expect(await dataError(() => preprocessingFromJson(json, 'run.json'))).toMatch(
      new RegExp(`^PREPROCESSING: run\\.json: ${problem}`),
    );
  });

  test('rejects a list, null, broken JSON and long text', async () => {
    for (const text of ['[]', 'null', '{', '"x"', ' '.repeat(65_537)]) {
      expect(await dataError(() => parsePreprocessing(text, 'x'))).toMatch(/^PREPROCESSING: x: /);
    }
  });
});

test('rejects an unknown option', () => {
  const misspelt = JSON.parse('{ "mean": [0.5] }') as PreprocessingOptions;
  expect(() => preprocessing([1, 28, 28], misspelt)).toThrow(/preprocessing: options: .*mean/);
});

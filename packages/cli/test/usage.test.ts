// Tests invalid command lines: each prints one clear line, ends with exit code 2 and changes nothing.
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ranges } from '@isonet/core';
import { numberAs, integerAs } from '../src/usage.ts';
import { makeWorld } from './helpers.ts';

describe('an invalid command line', () => {
  const cases: Record<string, [argv: readonly string[], message: string]> = {
    'an unknown command': [['trian'], "unknown command 'trian' (Did you mean train?)"],
    'an unknown flag': [
      ['train', 'tiny', '--epohcs', '3'],
      "unknown option '--epohcs' (Did you mean --epochs?)",
    ],
    'an unknown model': [['summary', 'tyni'], 'unknown model "tyni", did you mean tiny? (available: tiny)'],
    'a model with no similar name': [['summary', 'resnet50'], 'unknown model "resnet50" (available: tiny)'],
    'an unknown backend': [
      ['train', 'tiny', '--backend', 'referense'],
      'unknown backend "referense", did you mean reference? (available: auto, reference)',
    ],
    'a file as a backend to train on': [
      ['train', 'tiny', '--backend', './nofile.js'],
      'backend "./nofile.js": expected one of auto, reference; to use an external backend, run conformance or bisect, or call fit() in your own program',
    ],
    'an unknown device': [
      ['train', 'tiny', '--backend', 'reference', '--device', 'gpu'],
      'unknown device of reference "gpu", did you mean cpu? (available: cpu)',
    ],
    'a device without a backend': [
      ['train', 'tiny', '--device', 'cpu'],
      '`--device cpu` also needs `--backend NAME`',
    ],
    'exact without a run': [['train', 'tiny', '--exact'], '--exact also needs --resume RUN'],
    'zero threads': [['train', 'tiny', '--threads', '0'], 'Expected an integer from 1 to 1,024'],
    'too many threads': [['train', 'tiny', '--threads', '1025'], 'Expected an integer from 1 to 1,024'],
    'an integer in hexadecimal': [
      ['train', 'tiny', '--epochs', '0x10'],
      "'0x10' is invalid. Expected an integer of at least 1.",
    ],
    'an integer with an exponent': [
      ['train', 'tiny', '--epochs', '1e1'],
      "'1e1' is invalid. Expected an integer of at least 1.",
    ],
    'a seed in binary': [
      ['train', 'tiny', '--seed', '0b1'],
      "'0b1' is invalid. Expected an integer from 0 to 4,294,967,295.",
    ],
    'a rate in hexadecimal': [
      ['train', 'tiny', '--lr', '0x1'],
      "'0x1' is invalid. Expected a number above 0",
    ],
    'an unknown recipe': [['train', 'tiny', '--recipe', 'fats'], 'unknown recipe "fats", did you mean fast?'],
    'a dropout rate of 1': [['train', 'tiny', '--dropout', '1'], 'of at least 0 and below 1'],
    'a micro-batch of zero': [['train', 'tiny', '--micro-batch', '0'], 'Expected an integer of at least 1.'],
    'no model': [['train'], 'no model given: run isonet train tiny, or'],
    'no value': [['train', 'tiny', '--epochs'], "option '--epochs <n>' argument missing"],
    'no argument': [['evaluate'], "missing required argument 'run'"],
    'too many arguments': [['summary', 'tiny', 'more'], 'too many arguments'],
    'no file to export to': [['export', 'runs/a'], "required option '--to <file>' not specified"],
    'no image': [['predict', 'runs/a'], 'no images given: run npx isonet predict runs/a IMAGE...'],
    'files and test images': [
      ['predict', 'runs/a', 'b.png', '--test', '3'],
      '--test replaces image files: leave out --test or the files',
    ],
    'a number in words': [
      ['train', 'tiny', '--epochs', 'two'],
      "'two' is invalid. Expected an integer of at least 1.",
    ],
    'a fraction of an epoch': [['train', 'tiny', '--epochs', '0.5'], "'0.5' is invalid. Expected an integer"],
    'zero epochs': [['train', 'tiny', '--epochs', '0'], "'0' is invalid. Expected an integer of at least 1."],
    'a negative rate': [['train', 'tiny', '--lr', '-1'], "'-1' is invalid. Expected a number above 0"],
    'a rate of NaN': [['train', 'tiny', '--lr', 'NaN'], "'NaN' is invalid. Expected a number above 0"],
    'an empty rate': [['train', 'tiny', '--lr', ''], "'' is invalid. Expected a number above 0"],
    'an empty path': [['train', 'tiny', '--weights', ''], "'' is invalid. Expected a path."],
    'an empty path of data': [['evaluate', 'run', '--data', ''], "'' is invalid. Expected a path."],
    'an empty folder of runs': [['runs', ''], "'' is invalid"],
    'an empty run': [['evaluate', ''], "'' is invalid"],
    'an empty path of an export': [['export', 'run', '--to', ''], "'' is invalid. Expected a path."],
    'a seed beyond 32 bits': [['train', 'tiny', '--seed', '4294967296'], 'from 0 to 4,294,967,295'],
    'a shape with three dimensions': [
      ['summary', 'tiny', '--input', '1x28x28'],
      "'1x28x28' is invalid. Expected images x channels",
    ],
    'a shape with a zero': [['summary', 'tiny', '--input', '1x0x28x28'], 'all integers from 1 to 16384'],
  };
  it.each(Object.entries(cases))('%s', async (_, [argv, message]) => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await world.run(...argv);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(await readdir(world.cwd)).toEqual(['data']);
  });
});

it('reads numbers in the notations that people use', () => {
  const rate = numberAs(ranges.above0);
  expect(['1e-3', '.5', '5.', '+2', '1E1', '0.03'].map((text) => rate(text))).toEqual([
    0.001, 0.5, 5, 2, 10, 0.03,
  ]);
  expect(integerAs(ranges.count)('010')).toBe(10);
});

describe('help', () => {
  it('appears if isonet runs without a command, and names every command', async () => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await world.run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of [
      'start',
      'data',
      'train',
      'evaluate',
      'predict',
      'export',
      'summary',
      'backends',
      'conformance',
      'bisect',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
      const help = await world.run(command, '--help');
      expect(help.code).toBe(0);
      expect(help.stdout).toContain(`$ isonet ${command}`);
      expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });

  it('includes --version', async () => {
    const world = await makeWorld();
    const outcome = await world.run('--version');
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('an error', () => {
  it('shows its stack only with --debug, before or after the command', async () => {
    const world = await makeWorld();
    expect((await world.run('evaluate', 'nothing')).stderr).not.toContain('    at ');
    for (const argv of [
      ['--debug', 'evaluate', 'nothing'],
      ['evaluate', 'nothing', '--debug'],
    ]) {
      const { code, stderr } = await world.run(...argv);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: "nothing" does not exist; to train a run into it:[^\n]*\n[^]*DataError[^]*\n {4}at /,
      );
    }
  });

  it('is one line, even if its message has several and control characters', async () => {
    const world = await makeWorld();
    const failing = { name: 'bad', load: () => Promise.reject(new Error('first\nsecond \u001b[31mred')) };
    const { stderr } = await world.runWith(
      { tables: { backends: [failing] } },
      'train',
      'tiny',
      '--backend',
      'bad',
    );
    expect(stderr).toBe(
      'error: backend bad is not available: the backend does not load: first second \\x1b[31mred; npm install @isonet/backend-bad\n',
    );
  });
});

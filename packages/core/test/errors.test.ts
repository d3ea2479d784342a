// The names of errors: programs and logs compare them, even in bundled pages, where a minifier renames the classes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@isonet/core';
import { describe, expect, it } from 'vitest';

const checkpoint: core.Checkpoint = {
  step: 0,
  values: {},
  epoch: { loss: 0, count: 0, scores: {}, seconds: 0 },
};

const CLASS =
  /class (?<name>\w+) extends \w*Error\b(?<literal> \{\s+(?:\/\/[^\n]*\s+)?override readonly name(?:: string)? = '\k<name>';)?/g;

/** One error per class, created by a subclass with another name to imitate a minifier. */
const errors: Readonly<Record<string, core.IsonetError>> = {
  IsonetError: new (class x extends core.IsonetError {})('CODE', ''),
  ShapeError: new (class x extends core.ShapeError {})(''),
  GraphError: new (class x extends core.GraphError {})(''),
  UnsupportedOpError: new (class x extends core.UnsupportedOpError {})(''),
  BackendError: new (class x extends core.BackendError {})('CODE', ''),
  DeviceLostError: new (class x extends core.DeviceLostError {})(''),
  DataError: new (class x extends core.DataError {})('CODE', ''),
  NonFiniteError: new (class x extends core.NonFiniteError {})(''),
  TrainingLostError: new (class x extends core.TrainingLostError {})('', checkpoint),
  TrainingHaltedError: new (class x extends core.TrainingHaltedError {})(
    new core.NonFiniteError(''),
    checkpoint,
  ),
};

describe('the name of an error', () => {
  it('is tested for every class that core exports', () => {
    const exported = Object.entries(core).flatMap(([name, value]) =>
      typeof value === 'function' && (value === core.IsonetError || value.prototype instanceof Error)
        ? [name]
        : [],
    );
    expect(Object.keys(errors).toSorted()).toEqual(exported.toSorted());
  });

  it.each(Object.entries(errors))('%s does not depend on the name of the class', (name, error) => {
    expect(error.name).toBe(name);
    expect(String(error)).toMatch(new RegExp(`^${name}`));
  });

  it('is a literal in every class of every package', () => {
    const packages = join(import.meta.dirname, '../..');
    const files = readdirSync(packages).flatMap((name) => {
      const src = join(packages, name, 'src');
      return readdirSync(src, { recursive: true, encoding: 'utf8' }).map((file) => join(src, file));
    });
    const classes = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(CLASS)])
      .map(({ groups = {} }) => groups);
    expect(classes.map(({ name }) => name)).toEqual(expect.arrayContaining(['NativeError', 'UsageError']));
    expect(classes.flatMap(({ name, literal }) => (literal === undefined ? [name] : []))).toEqual([]);
  });
});

import * as core from '@isonet/core';
import * as data from '@isonet/data';
import * as models from '@isonet/models';
import * as isonet from 'isonet';
import { expect, it } from 'vitest';

it('isonet re-exports core, data and models', () => {
  for (const part of [core, data, models])
    expect(Object.keys(isonet)).toEqual(expect.arrayContaining(Object.keys(part)));
  expect(isonet.fit).toBe(core.fit);
  expect(isonet.nin).toBe(models.nin);
});

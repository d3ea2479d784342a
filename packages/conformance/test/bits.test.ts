// Compares the reference with its recorded bits, and tests how recordings are compared. The recording is not in
// backend-reference, because this package depends on that one.
import { reference } from '@isonet/backend-reference';
import { describe, expect, test } from 'vitest';
import type { BitsRecording } from '../src/bits/recording.ts';
import { difference, hiddenChange } from '../src/bits/recording.ts';
import { describeBits } from '../src/vitest.ts';

// Node 20, 22, 24 and 26 agree, on x64 and arm64.
describeBits(reference, new URL('bits.json', import.meta.url), 'any');

describe('a recording', () => {
  const recorded: BitsRecording = {
    backend: 'mine',
    device: 'mine 1.0',
    node: '20.19.0',
    machine: 'linux x64, 2 threads',
    id: 'plan 1',
    digest: 'abc',
    losses: [2, 1],
  };

  test.each<[string, Partial<BitsRecording>, RegExp]>([
    ['that agrees is accepted', { node: '24.0.0' }, /^nothing$/],
    [
      'with other bits under the same id is reported',
      { digest: 'def' },
      /^the bits changed .+ but the plan id .+ did not/,
    ],
    ['with another id requests a new recording', { id: 'plan 2' }, /bits did not: .+ record again/],
    [
      'with another id and other bits reports both',
      { id: 'plan 2', digest: 'def' },
      /bits changed too: .+ record again/,
    ],
  ])('of this machine %s', (_, changed, expected) => {
    expect(difference(recorded, { ...recorded, ...changed }) ?? 'nothing').toMatch(expected);
  });

  test('that does not exist yet is requested, and can be written', () => {
    expect(hiddenChange(undefined, recorded)).toBeUndefined();
    expect(difference(undefined, recorded)).toBe('no recording yet: write one with RECORD_BITS=1');
  });

  test('is not overwritten by other bits with the same id', () => {
    expect(hiddenChange(recorded, { ...recorded, digest: 'def' })).toMatch(
      /^the bits changed .+ src\/bits\.ts/,
    );
    expect(hiddenChange(recorded, { ...recorded, id: 'plan 2', digest: 'def' })).toBeUndefined();
    expect(hiddenChange(recorded, { ...recorded, machine: 'another', digest: 'def' })).toBeUndefined();
  });

  test('of another machine is compared by the losses', () => {
    const other = { ...recorded, machine: 'linux x64, 16 threads', id: 'plan 16', digest: 'def' };
    expect(difference(recorded, { ...other, losses: [2.0001, 1] })).toBeUndefined();
    expect(difference(recorded, { ...other, losses: [2.0003, 1] })).toMatch(
      /^expected the losses 2, 1 within/,
    );
    expect(difference(recorded, { ...other, losses: [2, NaN] })).toMatch(/^expected the losses/);
    expect(difference(recorded, { ...other, losses: [2] })).toMatch(/^expected the losses/);
  });
});

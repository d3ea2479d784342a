// The recorded bits of the reference (here and not in backend-reference, which this package depends on), and when a
// recording is complained of.
import { reference } from '@isonet/backend-reference';
import { describe, expect, test } from 'vitest';
import type { BitsRecording } from '../src/bits.ts';
import { complaint, obstacle } from '../src/bits.ts';
import { describeBits } from '../src/vitest.ts';

// Every node that was tried agrees: 20, 22, 24 and 26, on x64 and arm64.
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
    ['agrees', { node: '24.0.0' }, /^nothing$/],
    ['sees bits change under the same id', { digest: 'def' }, /^the bits changed .+ and the id .+ did not/],
    ['asks for a new one when the id changed', { id: 'plan 2' }, /bits did not: .+ record again/],
    ['says whether the bits changed too', { id: 'plan 2', digest: 'def' }, /bits did too: .+ record again/],
  ])('of this machine %s', (_, changed, expected) => {
    expect(complaint(recorded, { ...recorded, ...changed }) ?? 'nothing').toMatch(expected);
  });

  test('is not overwritten by other bits of the same id', () => {
    expect(obstacle(recorded, { ...recorded, digest: 'def' })).toMatch(/^the bits changed .+ src\/bits\.ts/);
    expect(obstacle(recorded, { ...recorded, id: 'plan 2', digest: 'def' })).toBeUndefined();
    expect(obstacle(recorded, { ...recorded, machine: 'another', digest: 'def' })).toBeUndefined();
  });

  test('of another machine is compared by its losses', () => {
    const other = { ...recorded, machine: 'linux x64, 16 threads', id: 'plan 16', digest: 'def' };
    expect(complaint(recorded, { ...other, losses: [2.0001, 1] })).toBeUndefined();
    expect(complaint(recorded, { ...other, losses: [2.0003, 1] })).toMatch(
      /^expected the losses 2, 1 within/,
    );
    expect(complaint(recorded, { ...other, losses: [2, NaN] })).toMatch(/^expected the losses/);
    expect(complaint(recorded, { ...other, losses: [2] })).toMatch(/^expected the losses/);
  });
});

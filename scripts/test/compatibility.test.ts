// docs/compatibility.md is what the devices say: those that open on this machine. The other columns are taken as they are.
import { describe, expect, it } from 'vitest';
import { compatibilityHere, pageText, recordedCompatibility } from '../docs/compatibility.ts';

/** Devices that need nothing but Node. */
const everywhere = ['tfjs (wasm)', 'onnx (cpu)', 'reference (cpu)'];

describe('docs/compatibility.md', () => {
  it('is written from compatibility.json; npm run docs writes both', () => {
    const { devices, page } = recordedCompatibility();
    expect(page).toBe(pageText(devices));
  });

  it('has what the devices of this machine answer; npm run docs brings it up to date', async () => {
    const { devices } = recordedCompatibility();
    const here = await compatibilityHere();
    const both = here.filter(({ name }) => devices.some((recorded) => recorded.name === name));
    expect(both.map(({ name }) => name)).toEqual(expect.arrayContaining(everywhere));
    expect(devices.filter(({ name }) => both.some((one) => one.name === name))).toEqual(
      expect.arrayContaining([...both]),
    );
  }, 180_000);
});

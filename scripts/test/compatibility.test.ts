// docs/compatibility.md matches the devices that open on this machine. The other columns are not checked.
import { describe, expect, it } from 'vitest';
import { compatibilityHere, pageText, recordedCompatibility } from '../docs/compatibility.ts';

/** Devices that need only Node. */
const everywhere = ['tfjs (wasm)', 'onnx (cpu)', 'reference (cpu)'];

describe('docs/compatibility.md', () => {
  it('is written from compatibility.json; npm run docs writes both', () => {
    const { devices, page } = recordedCompatibility();
    expect(page).toBe(pageText(devices));
  });

  it('matches the devices of this machine; npm run docs updates it', async () => {
    const { devices } = recordedCompatibility();
    const here = await compatibilityHere();
    const both = here.filter(({ name }) => devices.some((recorded) => recorded.name === name));
    expect(both.map(({ name }) => name)).toEqual(expect.arrayContaining(everywhere));
    expect(devices.filter(({ name }) => both.some((one) => one.name === name))).toEqual(
      expect.arrayContaining([...both]),
    );
  }, 180_000);
});

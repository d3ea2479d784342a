// docs/compatibility.md matches the devices of this machine. The columns of other devices are not checked.
import { describe, expect, it } from 'vitest';
import { opNames } from '@isonet/core';
import * as layers from '../../packages/core/src/layers/index.ts';
import { compatibilityHere, pageText, recordedCompatibility } from '../docs/compatibility.ts';
import { compatibilityPage } from '../docs/compatibilityPage.ts';
import { layerOps } from '../docs/layers.ts';
import { opGroups, opsOfGroup } from '../docs/opGroups.ts';

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

describe('the compatibility page', () => {
  it('has a row for every op, a column for every device, and a footnote for every partial or refused op', () => {
    const page = compatibilityPage(
      [
        { name: 'a (cpu)', ops: opNames.map((op) => ({ op, support: 'native', notes: [] })) },
        { name: 'b (gpu)', ops: [{ op: 'exp', support: 'refused', notes: ['exp/reals: no | here'] }] },
      ],
      (op) => `#${op}`,
    );
    const rows = page.split('\n').filter((line) => line.startsWith('| [`'));
    expect(rows).toHaveLength(opNames.length);
    expect(page).toContain('| [`exp`](#exp) | primitive | native | refused[^exp-b-gpu] |\n');
    expect(page).toMatch(/^\| \[`cast`\]\(#cast\) \| primitive \| bool -> float32, /m);
    expect(page).toContain('| [`log`](#log) | primitive | native | not tested |\n');
    expect(page).toContain('\n[^exp-b-gpu]: b (gpu), `exp`: exp/reals: no | here\n');
  });

  it('has every op in one group', () => {
    const all = opGroups.flatMap(opsOfGroup);
    expect(all.toSorted()).toEqual(opNames);
  });

  it('has every layer of core', () => {
    // The module's exports that are not layers, and sequential, which emits no ops itself.
    const others = ['Scope', 'parameterCount', 'sequential'];
    const expected = Object.keys(layers).filter((name) => !others.includes(name));
    const names = layerOps().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(expected.map((name) => `\`${name}\``)));
  });
});

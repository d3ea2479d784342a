// The toy backend, written from "Add a backend" in CONTRIBUTING.md to verify that the section suffices.
import { readdirSync, readFileSync } from 'node:fs';
import { BackendError, float32, GraphBuilder } from '@isonet/core';
import { expect, it, vi } from 'vitest';
import { describeConformance } from '../src/vitest.ts';
import { toy } from './toy/device.ts';
import { kernels } from './toy/kernels.ts';

describeConformance(
  {
    ...toy,
    skipHeavy: 'GoogLeNet at 96x96 and 224x224, in plain loops',
    // A minute is too short for GoogLeNet at 28x28 in plain loops if other tests compete for the cores.
    timeoutMs: 300_000,
  },
  { subset: 'covering' },
);

it('is as short as CONTRIBUTING.md says', () => {
  const folder = new URL('toy/', import.meta.url);
  const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  expect(texts.join('').split('\n').length).toBeLessThan(300);
  const guide = readFileSync(new URL('../../../CONTRIBUTING.md', import.meta.url), 'utf8');
  expect(guide.replaceAll(/\s+/g, ' ')).toContain('under 300 lines');
});

it('poisons the state of a run that failed, until it is written', async () => {
  const b = new GraphBuilder('doubling');
  const x = b.state('x', { dtype: 'float32', shape: [2] });
  b.update('x', b.op.add(x, x));
  vi.spyOn(kernels, 'add').mockImplementationOnce(() => {
    throw new Error('out of memory');
  });
  const device = await toy.open();
  const failing = await device.compile(b.build());
  const program = await device.compile(b.build());
  const state = await device.createState({ x: float32([2], [1, 2]) });

  await expect(failing.run(state, {}).read()).rejects.toThrow('out of memory');
  const poisoned = { code: 'POISONED', cause: { message: 'out of memory' } };
  await expect(state.read()).rejects.toMatchObject(poisoned);
  await expect(program.run(state, {}).read()).rejects.toThrow(BackendError);
  await state.write({ x: float32([2], [3, 4]) });
  await program.run(state, {}).read();
  expect((await state.read())['x']?.data).toEqual(Float32Array.of(6, 8));
});

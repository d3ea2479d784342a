// Tests a system without sockets, or one that forbids them: runs are trained without a lock, with a note.
import type * as Net from 'node:net';
import { reference } from '@isonet/backend-reference';
import { prepareRun } from '@isonet/runs';
import { expect, it, vi } from 'vitest';
import { makeContext, settings, trained } from './context.ts';

vi.mock('node:net', async (original) => ({
  ...(await original<typeof Net>()),
  createServer: () => {
    throw Object.assign(new Error('listen EPERM: operation not permitted'), { code: 'EPERM' });
  },
}));

it('a run is trained without a lock, with a note', async () => {
  const context = await makeContext(reference);
  const run = await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' });
  const notes: string[] = [];
  const listener = {
    step: () => undefined,
    epoch: () => undefined,
    note: (text: string) => notes.push(text),
  };
  expect(await trained(run, listener)).toMatchObject({ status: 'finished' });
  expect(notes).toEqual([
    'note: run is not locked (listen EPERM: operation not permitted): do not train it in another process',
  ]);
});

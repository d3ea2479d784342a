// What can be named in tests of the command line: the tiny network, and the reference.
import { reference } from '@isonet/backend-reference';
import { tinyEntry } from '../../runs/test/tiny.ts';
import type { Tables } from '../src/context.ts';

export const tinyTables: Tables = {
  models: [tinyEntry(28)],
  backends: [{ name: 'reference', load: () => Promise.resolve(reference) }],
};

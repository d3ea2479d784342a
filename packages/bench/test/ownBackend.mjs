// An external backend, named by its path: the reference under another name.
import { reference } from '@isonet/backend-reference';

/** @type {import('@isonet/core').Backend} */
export const mine = { ...reference, name: 'mine' };

// @isonet/backend-reference: plain float64 loops, the oracle that every other backend is compared with. Readable before
// fast.
export { reference } from './backend.ts';

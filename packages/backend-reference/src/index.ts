// The public API of @isonet/backend-reference: plain float64 loops, the oracle that every other backend is compared with.
export { reference } from './backend.ts';

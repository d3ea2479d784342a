// @isonet/backend-reference: plain float64 loops, the oracle that every other backend is compared with. Readable before
// fast, and the shortest complete backend: the example to start a new one from.
export { reference } from './device.ts';

// @isonet/backend-reference: plain float64 loops, the oracle that every other backend is compared with. Readable before
// fast. To begin a backend, a shorter one stands in the tests of @isonet/conformance: see CONTRIBUTING.md.
export { reference } from './device.ts';

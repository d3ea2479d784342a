// @isonet/backend-reference: plain float64 loops, the oracle that every other backend is compared with. Readable before
// fast. A shorter one, to begin with, is in the tests of @isonet/conformance: see CONTRIBUTING.md.
export { reference } from './backend.ts';

// A recording of what the kernels of this package compute, to the bit: the digest of the state after five training steps of
// a small network. It is part of every plan's id, so that a change to the order of sums, once recorded here, is another
// plan. The test that compares is in @isonet/conformance (test/bits.test.ts), which says how to record.
export const bits: string = '2383cf04d267678afb388bb7db865c3f858297b1eea6f79a102bac55310dcba0';

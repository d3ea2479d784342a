// Records the exact results of this package's kernels: the digest of the state after five training steps of a small network.
// The digest is part of every plan's id, so that a change to the order of sums, once recorded here, changes the id. The test
// that compares it is test/bits.test.ts of @isonet/conformance, which also explains how to record a new one.
export const bits: string = '2383cf04d267678afb388bb7db865c3f858297b1eea6f79a102bac55310dcba0';

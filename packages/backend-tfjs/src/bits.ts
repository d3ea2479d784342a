// Records the exact results of this package's kernels: the digest of the state after five training steps of a small network on
// wasm, whose arithmetic is the same on every machine. The digest is part of every plan's id, so that a change to the order of
// sums, once recorded here, changes the id. test/bits.test.ts compares it, and explains how to record a new one.
export const bits: string = 'a1e3d4bb6bef650e6209c953b5e8147a0502500ab92d7c3e575b7844580cd858';

// A recording of what the kernels of this package compute, to the bit: the digest of the state after five training steps of
// a small network on wasm, whose arithmetic is the same on every machine. It is part of every plan's id, so that a change
// to the order of sums, once recorded here, is another plan. test/bits.test.ts compares, and says how to record.
export const bits: string = 'a1e3d4bb6bef650e6209c953b5e8147a0502500ab92d7c3e575b7844580cd858';

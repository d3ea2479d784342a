// The bits that this backend gives: a digest of five recorded training steps. Part of every plan's id, so that kernels that
// sum in another order make other plans. test/bits.test.ts holds it to the kernels, and says how to record it again.
export const bits: string = 'unrecorded';

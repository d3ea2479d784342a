// The order of floats by their bits. WGSL may assume that neither NaN nor infinities exist and may flush subnormals to 0, in
// comparisons and in max() too; whole numbers are compared as they are everywhere. So a maximum is right for all of them.

/**
 * WGSL: `rank(bits)` of a float is larger for a larger float, the same for 0 and -0, and largest for NaN; `rank_below(bits)` is
 * the same but smallest for NaN.
 */
export const RANKS = `fn rank(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  if (bits > 0x80000000u) { return ~bits; }
  return bits | 0x80000000u;
}
fn rank_below(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0u; }
  return rank(bits);
}`;

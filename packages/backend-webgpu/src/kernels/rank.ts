// The order of floats by their bits. WGSL may assume that there are neither NaN nor infinities and may flush subnormals
// to 0, even in comparisons and max(). Integer comparisons are exact everywhere, so a maximum by bits is correct for
// all floats.

/**
 * WGSL functions. `rank(bits)` is larger for a larger float, equal for 0 and -0, and largest for NaN. `rank_below(bits)` is the
 * same, except that it is smallest for NaN.
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

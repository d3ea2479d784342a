// randomUniform(random): Threefry-2x32-20 on the device. The bits are the same as those of core's random.ts, because
// it uses only u32 arithmetic and one exact scaling. Element i is drawn with the key (seed, stream) at the counter
// (first * elements per sample + i, time).
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

/** The rotations of four rounds. Even and odd groups of rounds alternate. */
const [even, odd] = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const threefry = `fn threefry(key: vec2u, counter: vec2u) -> u32 {
  let keys = vec3u(key, key.x ^ key.y ^ 0x1bd11bdau);
  var x = counter + key;
${[even, odd, even, odd, even].map(group).join('\n')}
  return x.x;
}`;

/** Generates four rounds, followed by the addition of the next words of the key. */
function group(rotations: readonly number[], index: number): string {
  const rounds = rotations.map((r) => `  x.x += x.y; x.y = ((x.y << ${r}u) | (x.y >> ${32 - r}u)) ^ x.x;`);
  const word = (offset: number): string => 'xyz'.charAt((index + offset) % 3);
  return [...rounds, `  x += vec2u(keys.${word(1)}, keys.${word(2)} + ${index + 1}u);`].join('\n');
}

export const randomUniform: Kernel<'randomUniform'> = (
  { attrs: { stream } },
  { inputs: [random], outputs: [y] },
) => [
  dispatch({
    reads: { random: [random, 'u32'] },
    writes: { y: [y, 'f32'] },
    params: { stream: u32(stream), perSample: u32(sizeOf(y.shape.slice(1))) },
    threads: sizeOf(y.shape),
    functions: threefry,
    body: `let counter = random[2] * params.perSample + i;
  let word = threefry(vec2u(random[0], params.stream), vec2u(counter, random[1]));
  y[i] = f32(word >> 8u) * 0x1p-24f;`,
  }),
];

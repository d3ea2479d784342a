// Walking a tensor along some of its axes: the offset of the n-th combination of them, as WGSL and its params.
import type { Param } from './kernel.ts';
import { u32 } from './kernel.ts';

/** `size` places, `stride` values apart. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
}

/** The axes of a row-major tensor, outermost first. */
export function axesOf(shape: readonly number[]): readonly Axis[] {
  let stride = 1;
  return shape
    .toReversed()
    .map((size) => {
      const axis = { size, stride };
      stride *= size;
      return axis;
    })
    .toReversed();
}

/** The same places in the same order with fewer axes: those of size 1 dropped, those that follow on each other joined. */
export function joined(axes: readonly Axis[]): readonly Axis[] {
  const result: Axis[] = [];
  for (const axis of axes.filter(({ size }) => size > 1)) {
    const outer = result.at(-1);
    if (outer && outer.stride === axis.size * axis.stride) {
      result[result.length - 1] = { size: outer.size * axis.size, stride: axis.stride };
    } else result.push(axis);
  }
  return result;
}

/** A WGSL function `name(index: u32) -> u32` that gives the offset of the index-th place, and the params that it reads. */
export function offsetFunction(
  name: string,
  axes: readonly Axis[],
): { readonly source: string; readonly params: Readonly<Record<string, Param>> } {
  const lines: string[] = [];
  const params: Record<string, Param> = {};
  for (const [i, { size, stride }] of [...axes.entries()].toReversed()) {
    params[`${name}_stride${i}`] = u32(stride);
    if (i === 0) {
      lines.push(`offset += rest * params.${name}_stride0;`);
    } else {
      params[`${name}_size${i}`] = u32(size);
      lines.push(`offset += rest % params.${name}_size${i} * params.${name}_stride${i};`);
      lines.push(`rest /= params.${name}_size${i};`);
    }
  }
  const source = `fn ${name}(index: u32) -> u32 {
  var rest = index;
  var offset = 0u;
  ${lines.join('\n  ')}
  return offset;
}`;
  return { source, params };
}

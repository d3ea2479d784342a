// Iterates over some axes of a tensor: generates a WGSL function that returns the offset of the n-th position, and the
// function's params.
import type { Param } from './kernel.ts';
import { u32 } from './kernel.ts';

/** An axis of `size` positions that are `stride` elements apart. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
}

/** Returns the axes of a row-major tensor, outermost first. */
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

/** Returns fewer axes for the same positions in the same order: drops axes of size 1, and merges contiguous axes. */
export function mergedAxes(axes: readonly Axis[]): readonly Axis[] {
  const result: Axis[] = [];
  for (const axis of axes.filter(({ size }) => size > 1)) {
    const outer = result.at(-1);
    if (outer && outer.stride === axis.size * axis.stride) {
      result[result.length - 1] = { size: outer.size * axis.size, stride: axis.stride };
    } else result.push(axis);
  }
  return result;
}

/** Generates a WGSL function `name(index: u32) -> u32` that returns the offset of the index-th position, and the params it reads. */
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

// ONNX Runtime's own layout on the CPU: channels are grouped in blocks, and a block is the innermost axis. A value
// `[N, C, H, W]` is declared as `[N, B * ceil(C / B), H, W]` and stored as `[N, ceil(C / B), H, W, B]`, so a Reshape can
// create any view of it.
import { defined, float32, scalar, shape4 } from '@isonet/core';
import type { Emitter, Form, OnnxAttrs } from '@isonet/onnx/write';

/** The domain of the operators that compute in this layout. */
const DOMAIN = 'com.microsoft.nchwc';

/** ReorderInput accepts only plain images whose number of channels is a multiple of this. */
const REORDERED = 4;

/** The layout with the block size of a processor. */
export interface Layout {
  /** The number of channels in a block: 16 with AVX-512, otherwise 8. */
  readonly block: number;
  /** The form of values in the layout. */
  readonly form: Form;
}

/** Returns the layout for a block size. @param block the result of `findBlock` */
export function layoutOf(block: number): Layout {
  const form: Form = {
    name: `blocked by ${block}`,
    enter: (writer, plain, shape) => {
      const [, channels] = shape4(shape);
      const rest = roundUp(channels, REORDERED) - channels;
      const whole = rest === 0 ? plain : padEnd(writer, plain, [0, rest, 0, 0]);
      return emitBlocked(writer, 'ReorderInput', [whole]);
    },
    leave: (writer, name, shape) =>
      emitBlocked(writer, 'ReorderOutput', [name], { channels: shape4(shape)[1] }),
  };
  return { block, form };
}

/** Writes an operator that computes in this layout. @returns the name of its result */
export function emitBlocked(
  writer: Emitter,
  opType: string,
  inputs: readonly string[],
  attrs: OnnxAttrs = {},
): string {
  return writer.emit(opType, inputs, attrs, DOMAIN);
}

/** Writes a view: the same memory with another shape. */
export function view(writer: Emitter, name: string, shape: readonly number[]): string {
  return writer.emit('Reshape', [name, writer.int64(shape)]);
}

/** Appends zeros to each axis: `rest[i]` zeros at the end of axis i. */
export function padEnd(writer: Emitter, name: string, rest: readonly number[]): string {
  const pads = [...rest.map(() => 0), ...rest];
  return writer.emit('Pad', [name, writer.int64(pads), writer.constant(scalar(0))]);
}

export function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** Creates a depthwise filter with the same taps for every channel, in the operator's layout. `-> [channels, 1, ...extent]` */
export function repeatedFilter(
  writer: Emitter,
  { block }: Layout,
  channels: number,
  extent: readonly [number, number],
  taps: readonly number[],
): string {
  const data = Float32Array.from({ length: channels * taps.length }, (_, i) =>
    defined(taps[Math.floor(i / block) % taps.length], 'a tap'),
  );
  return writer.constant(float32([channels, 1, ...extent], data));
}

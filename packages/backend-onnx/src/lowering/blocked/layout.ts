// ONNX Runtime's own layout on the cpu: channels in blocks, innermost. A value `[N, C, H, W]` is declared as
// `[N, B * ceil(C / B), H, W]` and lies in memory as `[N, ceil(C / B), H, W, B]`, so that a Reshape gives any view of it.
import { defined, float32, scalar, shape4 } from '@isonet/core';
import type { Emitter, Form, OnnxAttrs } from '@isonet/onnx/write';

/** Where ONNX Runtime defines the operators that compute in this layout. */
const DOMAIN = 'com.microsoft.nchwc';

/** Channels of a plain image must be a multiple of this to be laid out. */
const REORDERED = 4;

/** The layout with a processor's block size. */
export interface Layout {
  /** Channels in a block: 16 with AVX-512, 8 elsewhere. */
  readonly block: number;
  /** The form of values in it. */
  readonly form: Form;
}

/** @param block as `findBlock` gives it */
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

/** An operator that computes in this layout. @returns the result's name */
export function emitBlocked(
  writer: Emitter,
  opType: string,
  inputs: readonly string[],
  attrs: OnnxAttrs = {},
): string {
  return writer.emit(opType, inputs, attrs, DOMAIN);
}

/** The same memory under another shape. */
export function view(writer: Emitter, name: string, shape: readonly number[]): string {
  return writer.emit('Reshape', [name, writer.int64(shape)]);
}

/** Zeros behind each axis, as many as `rest` says. */
export function padEnd(writer: Emitter, name: string, rest: readonly number[]): string {
  const pads = [...rest.map(() => 0), ...rest];
  return writer.emit('Pad', [name, writer.int64(pads), writer.constant(scalar(0))]);
}

export function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** A depthwise filter that is the same for every channel, as its operator takes it. `-> [channels, 1, ...taps]` */
export function sameForEach(
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

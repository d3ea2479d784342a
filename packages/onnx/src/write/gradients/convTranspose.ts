// Emits ConvTranspose for gradients. Runtimes support different attributes of it, so a lowering can replace the
// function that emits it.
import type { Pads, Pair } from '@isonet/core';
import type { OnnxAttrs } from '../writer/encode.ts';
import type { Writer } from '../writer/writer.ts';

/** A ConvTranspose to emit. */
export interface Transposed {
  /** `x: [N, K, OH, OW], w: [K, C / groups, KH, KW]` */
  readonly operands: readonly [x: string, w: string];
  readonly attrs: OnnxAttrs & { readonly pads: Pads };
  /** Height and width of the result. */
  readonly extent: Pair;
}

/** Emits nodes equivalent to the ConvTranspose. @returns the result's name */
export type EmitTransposed = (writer: Writer, transposed: Transposed) => string;

/** Emits a plain ConvTranspose. */
export const convTranspose: EmitTransposed = (writer, { operands, attrs }) =>
  writer.emit('ConvTranspose', operands, attrs);

// Holds what a device gives to what ONNX expects, as ONNX's own runner of these tests does: kinds and shapes, floats within a
// relative 1e-3 and an absolute 1e-7 (onnx/backend/test/runner), integers and bools exactly. Widths of integers and of floats are
// not compared: graphs have int32 and float32.
import type { Tensor } from '@isonet/core';
import { sameShape, shapeText } from '@isonet/core';
import type { HostTensor, Kind } from '@isonet/onnx/read';

const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;

/** The first thing that is off, in one line; undefined where nothing is. */
export function mismatch(name: string, expected: HostTensor, got: Tensor | undefined): string | undefined {
  if (!got) return `output "${name}" is missing`;
  const kind = kindOf(got);
  if (kind !== expected.kind) return `output "${name}": expected ${expected.kind}, got ${got.dtype}`;
  if (!sameShape(got.shape, expected.shape)) {
    return `output "${name}": expected ${shapeText(expected.shape)}, got ${shapeText(got.shape)}`;
  }
  const isClose = kind === 'float' ? close : Object.is;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [Number(got.data[i]), Number(expected.data[i])];
    if (!isClose(a, b)) return `output "${name}"[${i}]: expected ${b}, got ${a}`;
  }
  return undefined;
}

function kindOf({ dtype }: Tensor): Kind {
  if (dtype === 'bool') return 'bool';
  return dtype === 'float32' || dtype === 'float64' ? 'float' : 'int';
}

function close(got: number, expected: number): boolean {
  if (Object.is(got, expected) || got === expected) return true;
  // Infinities are equal or wrong: neither is within a share of the other.
  return Number.isFinite(expected) && Math.abs(got - expected) <= ABSOLUTE + RELATIVE * Math.abs(expected);
}

// Compares the results of a device with those that ONNX expects, as ONNX's own runner does (onnx/backend/test/runner):
// kinds, shapes, integers and bools must be equal, and floats may differ by a relative 1e-3 plus an absolute 1e-7. The
// widths of integers and floats are not compared, because graphs have only int32 and float32.
import type { Tensor } from '@isonet/core';
import { sameShape, shapeText } from '@isonet/core';
import type { HostTensor, Kind } from '@isonet/onnx/read';

const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;

/** Describes the first difference in one line. @returns undefined if there is none */
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
  // An infinity must be equal: no relative bound applies to it.
  return Number.isFinite(expected) && Math.abs(got - expected) <= ABSOLUTE + RELATIVE * Math.abs(expected);
}

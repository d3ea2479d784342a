// Cast and CastLike between floats, integers and bools. Floats of every width are float32 in the graph.
import type { Value } from '@isonet/core';
import { onNumbers } from '../../host/numbers.ts';
import type { Kind } from '../../hostTensor.ts';
import type { NodeReader, ReadOps } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known } from '../../operand.ts';
import { elementText, kindOf } from '../../tensors.ts';
import { not } from '../truth.ts';

export const casts: ReadOps = {
  Cast: (node) => {
    node.attributes.ignore('saturate', 'round_mode'); // Only for 8-bit floats.
    const to = node.attributes.int('to');
    const kind = kindOf(to);
    if (kind === undefined) throw node.fail(`a cast to ${elementText(to)} is not supported`);
    const text = elementText(to);
    if (kind === 'float' && text !== 'float32') {
      node.frame.note(`a Cast to ${text} keeps float32: the graph has no other floats`);
    }
    return castTo(node, kind, text);
  },
  CastLike: (node) => {
    node.attributes.ignore('saturate', 'round_mode');
    node.input(1);
    return castTo(node, node.kind(1), node.kind(1));
  },
};

function castTo(node: NodeReader, kind: Kind, text: string): Operand {
  const operand = node.input(0);
  const from = node.kind(0);
  const range = ranges.get(text);
  const known = node.known(0);
  if (known) {
    if (from === kind && !range) return operand;
    return new Known(onNumbers(node, [known], (x) => converted(node, x, from, kind, range), kind));
  }
  const x = node.valueOf(operand);
  if (from === kind) {
    if (range) throw node.fail(`integers computed by the network have 32 bits and cannot be cast to ${text}`);
    return x;
  }
  if (kind === 'bool') return notZero(node, x);
  return node.op.cast(x, { to: kind === 'float' ? 'float32' : 'int32' });
}

/** The ranges of integers with fewer than 32 bits. */
const ranges: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['uint8', [0, 2 ** 8 - 1]],
  ['int8', [-(2 ** 7), 2 ** 7 - 1]],
  ['uint16', [0, 2 ** 16 - 1]],
  ['int16', [-(2 ** 15), 2 ** 15 - 1]],
] as const);

/** Converts a number, rounding toward 0. An out-of-range integer keeps its lowest bits. ONNX leaves out-of-range floats undefined. */
function converted(
  node: NodeReader,
  x: number,
  from: Kind,
  to: Kind,
  range: readonly [number, number] | undefined,
): number {
  if (to === 'float') return x;
  if (to === 'bool') return x === 0 ? 0 : 1;
  const integer = Math.trunc(x);
  if (!Number.isFinite(integer)) throw node.fail(`cannot convert ${x} to an integer`);
  if (!range) return integer;
  const [low, high] = range;
  if (integer >= low && integer <= high) return integer;
  if (from === 'float') throw node.fail(`${x} is outside ${low}..${high}`);
  const count = high - low + 1;
  return ((((integer - low) % count) + count) % count) + low;
}

function notZero(node: NodeReader, x: Value): Value {
  const { op } = node;
  const floats = x.dtype === 'float32' ? x : op.cast(x, { to: 'float32' });
  return not(node, op.equal(floats, node.frame.scope.fill(0, x.shape)));
}

// Represents a protobuf message as a tree of fields, any of which can be changed and written again. The tree can express messages that
// no library writes, such as a field with another wire type, a wrong length, or a number of ten bytes instead of one.
import { concat } from '../bytes.ts';

/** A field: its field number, and its value, which is a number, bytes, or the fields of a message. */
export interface Field {
  readonly no: number;
  readonly value: bigint | Uint8Array | readonly Field[];
  /** The size of a fixed-width number in bytes; undefined for a varint. */
  readonly fixed?: 4 | 8;
}

/** The fields that are messages, by the message's name and the field's number: the part of onnx.proto that is read. */
const MESSAGES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  Model: { 7: 'Graph', 8: 'Opset', 14: 'Entry', 25: 'Function' },
  Graph: { 1: 'Node', 5: 'Tensor', 11: 'Value', 12: 'Value', 13: 'Value', 15: 'Sparse' },
  Node: { 5: 'Attribute' },
  Attribute: { 5: 'Tensor', 6: 'Graph', 10: 'Tensor', 11: 'Graph' },
  Value: { 2: 'Type' },
  Type: { 1: 'TensorType' },
  TensorType: { 2: 'Shape' },
  Shape: { 1: 'Dimension' },
  Tensor: { 13: 'Entry' },
  Sparse: { 1: 'Tensor' },
};

/** Parses valid bytes into a tree. */
export function treeOf(bytes: Uint8Array, message = 'Model'): readonly Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [no, wire] = [tag >> 3, tag & 7];
    if (wire === 0) fields.push({ no, value: BigInt.asIntN(64, varint()) });
    else if (wire === 2) {
      const length = Number(varint());
      const inner = MESSAGES[message]?.[no];
      const part = bytes.slice(at, at + length);
      fields.push({ no, value: inner === undefined ? part : treeOf(part, inner) });
      at += length;
    } else {
      const fixed = wire === 1 ? 8 : 4;
      fields.push({
        no,
        value: fixed === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)),
        fixed,
      });
      at += fixed;
    }
  }
  return fields;
}

/** Serializes a tree. */
export function wireOf(fields: readonly Field[]): Uint8Array {
  return concat(
    ...fields.flatMap((field) => [varintOf(BigInt(field.no * 8 + typeOf(field))), ...valueOf(field)]),
  );
}

function typeOf({ value, fixed }: Field): number {
  if (typeof value !== 'bigint') return 2;
  if (fixed === undefined) return 0;
  return fixed === 8 ? 1 : 5;
}

function valueOf({ value, fixed }: Field): readonly Uint8Array[] {
  if (typeof value === 'bigint') return [fixed === undefined ? varintOf(value) : fixedOf(value, fixed)];
  const bytes = value instanceof Uint8Array ? value : wireOf(value);
  return [varintOf(BigInt(bytes.length)), bytes];
}

/** Encodes a varint. Negative numbers take ten bytes, as in protobuf. */
function varintOf(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  while (left >= 0x80n) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(left)]);
}

function fixedOf(value: bigint, fixed: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes.subarray(0, fixed);
}

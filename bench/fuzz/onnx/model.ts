// Builds ONNX files as trees: `model(graph([node('Relu', ['x'])]))`.
import { utf8 } from '../bytes.ts';
import type { Field } from './wire.ts';

/** An attribute's value: a number is INT, a list INTS, a string STRING, and `{ float }` FLOAT. */
export type Attr =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tree: readonly Field[]; readonly type: 4 | 5 };

/** An input of a node: the name of a value, or a tensor that becomes an initializer. */
export type Given = string | Constant;

/** The values of an initializer; `int` is int64. */
export interface Constant {
  readonly kind: 'float' | 'int' | 'bool';
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Returns float values with a period of 13. */
export function floats(...shape: readonly number[]): Constant {
  const size = shape.reduce((a, b) => a * b, 1);
  return { kind: 'float', shape, data: Array.from({ length: size }, (_, i) => ((i * 7) % 13) / 8 - 0.5) };
}

/** Returns a vector of int64. */
export function ints(...data: readonly number[]): Constant {
  return { kind: 'int', shape: [data.length], data };
}

/** Returns a scalar. */
export function scalar(kind: Constant['kind'], number: number): Constant {
  return { kind, shape: [], data: [number] };
}

/** A node. Its outputs are named after its operator and its index. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Given[];
  readonly attrs: Readonly<Record<string, Attr>>;
  readonly outputs: number;
}

/** Builds a node whose inputs are values and constants. */
export function node(
  op: string,
  inputs: readonly Given[],
  attrs: Readonly<Record<string, Attr>> = {},
  outputs = 1,
): Node {
  return { op, inputs, attrs, outputs };
}

const text = (no: number, words: string): Field => ({ no, value: utf8(words) });
const int = (no: number, number: number): Field => ({ no, value: BigInt(number) });

/** Builds a tensor message. */
export function tensor(name: string, { kind, shape, data }: Constant): readonly Field[] {
  const bytes =
    kind === 'float'
      ? new Uint8Array(Float32Array.from(data).buffer)
      : kind === 'int'
        ? new Uint8Array(BigInt64Array.from(data, BigInt).buffer)
        : Uint8Array.from(data);
  return [
    ...shape.map((dim) => int(1, dim)),
    int(2, { float: 1, int: 7, bool: 9 }[kind]),
    text(8, name),
    { no: 9, value: bytes },
  ];
}

/** Builds an input or output message. */
export function value(name: string, shape: readonly (number | string)[], elementType = 1): readonly Field[] {
  const dims = shape.map((dim): Field => ({
    no: 1,
    value: [typeof dim === 'number' ? int(1, dim) : text(2, dim)],
  }));
  const type: Field = { no: 1, value: [int(1, elementType), { no: 2, value: dims }] };
  return [text(1, name), { no: 2, value: [type] }];
}

function attribute(name: string, attr: Attr): readonly Field[] {
  if (typeof attr === 'number') return [text(1, name), int(3, attr), int(20, 2)];
  if (typeof attr === 'string') return [text(1, name), text(4, attr), int(20, 3)];
  if ('float' in attr) {
    const bits = new DataView(Float32Array.of(attr.float).buffer).getUint32(0, true);
    return [text(1, name), { no: 2, value: BigInt(bits), fixed: 4 }, int(20, 1)];
  }
  if ('tree' in attr) return [text(1, name), { no: attr.type + 1, value: attr.tree }, int(20, attr.type)];
  return [text(1, name), ...attr.map((each) => int(8, each)), int(20, 7)];
}

/** Builds a graph that chains nodes: `$` is the first output of the previous node, or the input `x`. */
export function graph(
  nodes: readonly Node[],
  shape: readonly (number | string)[] = ['N', 2, 6, 6],
): readonly Field[] {
  const initializers: Field[] = [];
  let last = 'x';
  const made = nodes.map(({ op, inputs, attrs, outputs }, i): Field => {
    const names = inputs.map((given, k) => {
      if (given === '$') return last;
      if (typeof given === 'string') return given;
      const name = `${op}${i}.${k}`;
      initializers.push({ no: 5, value: tensor(name, given) });
      return name;
    });
    const results = Array.from({ length: outputs }, (_, k) => `${op}${i}/${k}`);
    last = results[0] ?? last;
    return {
      no: 1,
      value: [
        ...names.map((name) => text(1, name)),
        ...results.map((name) => text(2, name)),
        text(3, `node${i}`),
        text(4, op),
        ...Object.entries(attrs).map(([name, attr]): Field => ({ no: 5, value: attribute(name, attr) })),
      ],
    };
  });
  return [
    ...made,
    text(2, 'graph'),
    ...initializers,
    { no: 11, value: value('x', shape) },
    { no: 12, value: value(last, []) },
  ];
}

/** Builds a file. */
export function model(contents: readonly Field[], opset = 17, ir = 8): readonly Field[] {
  return [int(1, ir), text(2, 'fuzz'), { no: 7, value: contents }, { no: 8, value: [int(2, opset)] }];
}

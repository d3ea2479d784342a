// Mutates an ONNX file's tree: changes any field, or one of ONNX's own concepts (types, dimensions, names, order,
// nested graphs, external data files).
import { defined } from '@isonet/core';
import { EDGES, utf8 } from '../bytes.ts';
import { NAMES } from '../json.ts';
import type { Random } from '../random.ts';
import type { Field } from './wire.ts';

type Fields = readonly Field[];

/** Values at which 32-bit and 64-bit signs and sums overflow. */
const NUMBERS: readonly bigint[] = [
  ...EDGES.map(BigInt),
  -1n,
  -2n,
  -4n,
  16n,
  1000n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -(2n ** 31n),
];

/** Names that many files contain. */
const COMMON = ['x', '', 'images', 'logits', 'node0', 'axis', 'axes', 'pads', 'kernel_shape', 'strides'];
/** Operators with and without a reader. */
const OPERATORS = [
  'Conv',
  'Add',
  'Relu',
  'Concat',
  'Reshape',
  'If',
  'Loop',
  'Constant',
  'Cast',
  'Where',
  'Shape',
  'NoSuchOp',
  '__proto__',
  'constructor',
];

/** Returns the tree with one change. */
export function mutated(random: Random, model: Fields): Fields {
  if (random.oneIn(3)) return special(random, model);
  return changedWithin(random, model, namesIn(model));
}

/** Lists the short strings of a file. Replacing one name with another creates a cycle or a duplicate. */
function namesIn(fields: Fields): readonly string[] {
  return fields.flatMap(({ value }) => {
    if (typeof value === 'bigint') return [];
    if (!(value instanceof Uint8Array)) return namesIn(value);
    return value.length > 0 && value.length < 40 ? [new TextDecoder().decode(value)] : [];
  });
}

/** Changes the value or the position of one field on any level. */
function changedWithin(random: Random, fields: Fields, names: readonly string[]): Fields {
  const k = random.below(fields.length);
  const field = fields[k];
  if (!field || random.oneIn(8)) return rearranged(random, fields);
  return fields.toSpliced(k, 1, changed(random, field, names));
}

function changed(random: Random, field: Field, names: readonly string[]): Field {
  const { no, value } = field;
  if (random.oneIn(40)) return { no: random.pick([0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 20, 25, 99]), value };
  if (typeof value === 'bigint') {
    // Types, axes and sizes are small numbers, so being off by one or two finds more faults.
    return {
      ...field,
      value: random.oneIn(2)
        ? value + BigInt(random.below(5) - 2)
        : defined(random.pick(NUMBERS), 'a number'),
    };
  }
  if (!(value instanceof Uint8Array)) return { no, value: changedWithin(random, value, names) };
  switch (random.below(5)) {
    case 0: {
      const name = random.oneIn(6) ? random.pick(NAMES) : random.pick([...names, ...COMMON]);
      return { no, value: utf8(name ?? '') };
    }
    case 1:
      return { no, value: value.slice(0, random.below(value.length + 1)) };
    case 2:
      return { no, value: Uint8Array.from([...value, ...random.bytes(1 + random.below(8))]) };
    case 3:
      return random.oneIn(6)
        ? { no, value: BigInt(random.below(9)) }
        : { no, value: utf8(random.pick(OPERATORS) ?? '') };
    default: {
      const copy = new Uint8Array(value);
      copy[random.below(copy.length)] = random.oneIn(3) ? 0xff : random.below(256);
      return { no, value: copy };
    }
  }
}

function rearranged(random: Random, fields: Fields): Fields {
  const k = random.below(fields.length);
  const [field, other] = [fields[k], fields[random.below(fields.length)]];
  if (!field || !other) return fields;
  switch (random.below(5)) {
    case 0:
      return fields.toSpliced(k, 1);
    case 1:
      return [...fields, field];
    case 2:
      return fields.toReversed();
    case 3: // swapped
      return fields.map((each) => (each === field ? other : each === other ? field : each));
    default:
      return [field, ...fields.toSpliced(k, 1)];
  }
}

/** Changes one of ONNX's own concepts. */
function special(random: Random, model: Fields): Fields {
  switch (random.below(8)) {
    case 0: // another opset, or none
      return random.oneIn(6)
        ? model.filter(({ no }) => no !== 8)
        : [...model, { no: 8, value: [{ no: 2, value: BigInt(random.below(30)) }] }];
    case 1: // dimensions of a tensor that do not match its data
      return inSome(random, model, 5, (tensor) => [
        ...tensor.filter(({ no }) => no !== 1 || random.oneIn(2)),
        ...Array.from({ length: 1 + random.below(20) }, (): Field => ({
          no: 1,
          value: defined(random.pick(NUMBERS), 'a number'),
        })),
      ]);
    case 2: // another element type
      return inSome(random, model, 5, (tensor) =>
        tensor.map((field) => (field.no === 2 ? { no: 2, value: BigInt(random.below(25)) } : field)),
      );
    case 3: // values in one of the typed lists, packed or not
      return inSome(random, model, 5, (tensor) => {
        const no = random.pick([4, 5, 7, 10, 11] as const);
        const rest = tensor.filter((field) => field.no !== 9);
        return random.oneIn(2)
          ? [...rest, { no, value: random.bytes(random.below(64)) }]
          : [
              ...rest,
              ...Array.from({ length: random.below(20) }, (): Field => ({
                no,
                value: BigInt(random.below(9)),
              })),
            ];
      });
    case 4: // in an external data file
      return inSome(random, model, 5, (tensor) => [
        ...tensor.filter(({ no }) => no !== 9),
        { no: 14, value: 1n },
        ...[
          [
            'location',
            random.pick(['weights.bin', '../../etc/passwd', '/etc/passwd', 'C:\\x', '', '__proto__']),
          ],
          ['offset', random.pick(['0', '8', '-1', '1e9', '9007199254740993', 'x', '4294967296'])],
          ['length', random.pick(['8', '16', '0', '99999999999999999', ''])],
        ].map(([key, value]): Field => ({
          no: 13,
          value: [
            { no: 1, value: utf8(key ?? '') },
            { no: 2, value: utf8(value ?? '') },
          ],
        })),
      ]);
    case 5: // nodes in another order, or twice
      return inSome(random, model, undefined, (graph) => {
        const nodes = graph.filter(({ no }) => no === 1);
        return [
          ...(random.oneIn(2) ? nodes.toReversed() : [...nodes, ...nodes]),
          ...graph.filter(({ no }) => no !== 1),
        ];
      });
    case 6: // a sparse tensor, a function, an initializer that is an input
      return random.oneIn(3)
        ? [
            ...model,
            {
              no: 25,
              value: [
                { no: 1, value: utf8('Relu') },
                { no: 10, value: utf8('') },
              ],
            },
          ]
        : inSome(random, model, undefined, (graph) => {
            const initializer = graph.find(({ no }) => no === 5)?.value;
            const name = isFields(initializer) ? initializer.find(({ no }) => no === 8)?.value : undefined;
            return random.oneIn(3) || name === undefined
              ? [...graph, { no: 15, value: [{ no: 1, value: [] }] }]
              : [...graph, { no: 11, value: [{ no: 1, value: name }] }];
          });
    default:
      return inSome(random, model, undefined, (graph) =>
        nested(graph, 1 + random.below(random.oneIn(20) ? 300 : 4)),
      );
  }
}

function isFields(value: Field['value'] | undefined): value is Fields {
  return typeof value === 'object' && !(value instanceof Uint8Array);
}

/** Changes the graph itself if `no` is undefined, otherwise one of the graph's fields with that field number. */
function inSome(
  random: Random,
  model: Fields,
  no: number | undefined,
  change: (fields: Fields) => Fields,
): Fields {
  return model.map((field) => {
    if (field.no !== 7 || !isFields(field.value)) return field;
    const graph = field.value;
    if (no === undefined) return { ...field, value: change(graph) };
    const chosen = random.pick(graph.filter((each) => each.no === no));
    const next = graph.map((each) =>
      each === chosen && isFields(each.value) ? { ...each, value: change(each.value) } : each,
    );
    return { ...field, value: next };
  });
}

/** Nests the graph in a branch of an If, that If in a branch of another, and so on. */
function nested(graph: Fields, depth: number): Fields {
  let inner = graph.filter(({ no }) => no === 1 || no === 5 || no === 12);
  const outputs = graph.filter(({ no }) => no === 12);
  const [output] = outputs;
  const name = output && isFields(output.value) ? output.value.find(({ no }) => no === 1)?.value : undefined;
  for (let level = 0; level < depth; level++) {
    const branches = ['then_branch', 'else_branch'].map((branch): Field => ({
      no: 5,
      value: [
        { no: 1, value: utf8(branch) },
        { no: 6, value: inner },
        { no: 20, value: 5n },
      ],
    }));
    const node: Fields = [
      { no: 1, value: utf8('flag') },
      { no: 2, value: name ?? utf8('y') },
      { no: 4, value: utf8('If') },
      // Two branches per level double the file each time, so deeper levels have only one.
      ...(level < 3 ? branches : branches.slice(0, 1)),
    ];
    inner = [{ no: 1, value: node }, ...outputs];
  }
  const flag: Field = {
    no: 5,
    value: [
      { no: 2, value: 9n },
      { no: 8, value: utf8('flag') },
      { no: 9, value: Uint8Array.of(1) },
    ],
  };
  return [...inner, flag, ...graph.filter(({ no }) => no === 11)];
}

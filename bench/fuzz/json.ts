// JSON as a tree that can also hold what JSON.stringify cannot write: duplicate names, numbers in any notation, invalid text.
// Mutations walk the tree of a valid file, so they cover fields that a format gains later.
import type { Random } from './random.ts';

/** A JSON value, or arbitrary text in its place. */
export type Node =
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: Node])[] }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'text'; readonly text: string };

/** Returns the tree of a value that JSON.parse could return. */
export function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(nodeOf) };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', members: Object.entries(value).map(([name, each]) => [name, nodeOf(each)]) };
  }
  return { kind: 'text', text: JSON.stringify(value) ?? 'null' };
}

/** Serializes a tree. */
export function jsonText(node: Node): string {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'list') return `[${node.items.map(jsonText).join(',')}]`;
  return `{${node.members.map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join(',')}}`;
}

/** Member names that are special to JavaScript or to a terminal, and some unknown ones. */
export const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '0',
  '-1',
  '4294967295',
  '__metadata__',
  'größe 网',
  '\u{1f600}',
  '\ud800',
  '\udc00x',
  'a\u0000b',
  '\u001b[2J',
  '\u009b2J',
  '\r\n',
  '\u2028',
  '\u202egnp',
  'x'.repeat(300),
  `${'x'.repeat(57)}\u{1f600}\u{1f600}`,
  'a.b',
  '../../etc',
  '%s%n',
  '"\\',
] as const;

/** Scalars of every type, including those at its limits. */
const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '-1',
  '-0',
  '0.5',
  '1.0',
  '1e2',
  '1e999',
  '-1e999',
  '1e-400',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '18446744073709551616',
  `1${'0'.repeat(400)}`,
  '[]',
  '{}',
  '[null]',
  '{"__proto__":{"x":1}}',
  '""',
  '"x"',
] as const;

/** Text that is not valid JSON. */
const BROKEN = [
  '',
  ',',
  'NaN',
  'undefined',
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  "'x'",
  '"\\x"',
  '"\\ud800"',
  '"\u0007"',
  '// x',
  '[',
  '}',
  'nul',
  'True',
  '"',
] as const;

/** Returns a value of any type. */
export function anyValue(random: Random): Node {
  if (random.oneIn(12)) return { kind: 'text', text: random.pick(BROKEN) };
  if (random.oneIn(4)) return { kind: 'text', text: JSON.stringify(random.pick(NAMES)) };
  if (random.oneIn(16)) return nested(random);
  return { kind: 'text', text: random.pick(SCALARS) };
}

/** Returns a value nested deeply enough to overflow a recursion, at a size that a file may have. */
function nested(random: Random): Node {
  const depth = random.pick([10, 65, 200, 2000, 20_000] as const);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const);
  return { kind: 'text', text: `${open.repeat(depth)}0${close.repeat(depth)}` };
}

/** Returns the tree with one node replaced, dropped, duplicated, renamed, moved or added. */
export function mutated(random: Random, node: Node): Node {
  // The probability of descending is chosen so that the leaves of a deep tree change as often as the members of its root.
  if (node.kind === 'text') return anyValue(random);
  const size = node.kind === 'list' ? node.items.length : node.members.length;
  if (size > 0 && !random.oneIn(3)) {
    const k = random.below(size);
    if (node.kind === 'list') {
      return { ...node, items: node.items.map((item, i) => (i === k ? mutated(random, item) : item)) };
    }
    return {
      ...node,
      members: node.members.map(([name, value], i) => [name, i === k ? mutated(random, value) : value]),
    };
  }
  if (random.oneIn(6)) return anyValue(random);
  return node.kind === 'list'
    ? { ...node, items: changedList(random, node.items, () => anyValue(random)) }
    : { ...node, members: changedMembers(random, node.members) };
}

type Members = readonly (readonly [name: string, value: Node])[];

function changedMembers(random: Random, members: Members): Members {
  const k = random.below(members.length);
  if (random.oneIn(4)) return members.map(([name, value], i) => [i === k ? random.pick(NAMES) : name, value]);
  // A duplicate name with another value.
  const member = members[k];
  if (random.oneIn(4) && member) return [...members, [member[0], anyValue(random)]];
  return changedList(random, members, () => [random.pick(NAMES), anyValue(random)] as const);
}

function changedList<T>(random: Random, list: readonly T[], make: () => T): readonly T[] {
  const k = random.below(list.length);
  switch (random.below(4)) {
    case 0:
      return list.toSpliced(k, 1);
    case 1:
      return list.toSpliced(k, 0, make());
    case 2:
      return [...list, ...list.slice(k, k + 1)];
    default:
      return list.toReversed();
  }
}

/** Serializes a tree, and sometimes changes the text: truncated, with a byte order mark, with more spaces, followed by more text. */
export function writtenText(random: Random, node: Node): string {
  const text = jsonText(node);
  switch (random.below(20)) {
    case 0:
      return `\ufeff${text}`;
    case 1:
      return text.slice(0, random.below(text.length + 1));
    case 2:
      return `${text}${random.pick(['x', '\0', '\n\n', text, ',', '}'] as const)}`;
    case 3:
      return text.replaceAll(',', random.pick([' ,\n\t ', ',,', ',\u00a0', ',/**/'] as const));
    default:
      return text;
  }
}

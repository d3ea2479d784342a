// Another dtype; floats are cut towards 0 -> Cast
import type { NodeOf } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import type { Writer } from '../writer/writer.ts';

export function cast(node: NodeOf<'cast'>, writer: Writer): void {
  writer.elementwise('Cast', node, { to: elementTypes[node.attrs.to] });
}

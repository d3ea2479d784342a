// Random numbers -> an input of the model: ONNX's own generators differ from runtime to runtime, so whoever runs it draws
// them by core's `uniformBlock` and feeds them.
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function randomUniform(node: NodeOf<'randomUniform'>, writer: Writer): void {
  writer.set(only(node.outputs), writer.uniform(node));
}

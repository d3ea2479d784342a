// Softmax along an axis and its logarithm -> Softmax, LogSoftmax
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function softmax({ inputs, outputs, attrs: { axis } }: NodeOf<'softmax'>, writer: Writer): void {
  writer.set(only(outputs), writer.emit('Softmax', [writer.full(only(inputs))], { axis }));
}

export function logSoftmax({ inputs, outputs, attrs: { axis } }: NodeOf<'logSoftmax'>, writer: Writer): void {
  writer.set(only(outputs), writer.emit('LogSoftmax', [writer.full(only(inputs))], { axis }));
}

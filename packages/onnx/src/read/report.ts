// Summarizes a file for the user: its producer, its operators, and notes on how it was read.
import type { FinalActivation } from './activation.ts';
import { activationInside } from './activation.ts';
import type { OnnxFile } from './file.ts';

/** A summary of a file, with notes on where the network differs from it. */
export interface ReadReport {
  /** The program that wrote it: `pytorch 2.15.0`; '' if the file does not name one. */
  readonly producer: string;
  readonly irVersion: number;
  /** The version of ONNX's default operator set. */
  readonly opset: number;
  /** The number of nodes of each operator, the most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** For example: a widened dtype, a removed activation, batch norm folded into convolutions. */
  readonly notes: readonly string[];
}

/** @param notes the notes of the nodes */
export function reportOf(
  file: OnnxFile,
  activation: FinalActivation | undefined,
  notes: readonly string[],
): ReadReport {
  const { producer, irVersion, opsets, graph } = file;
  const inside = activation ? undefined : activationInside(file);
  const counts = new Map<string, number>();
  for (const { opType } of graph.nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  const operators = Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
  const own = [
    ...(activation
      ? [`the final ${activation.op} is removed, so the output is logits; export restores it`]
      : []),
    ...(inside
      ? [`"${inside.name}" (${inside.opType}) stays in the network, so losses take its result as logits`]
      : []),
    ...(counts.has('Conv') && ![...counts.keys()].some((op) => op.endsWith('Normalization'))
      ? ['no batch normalization: if the exporter folded it into the convolutions, they train without it']
      : []),
  ];
  const opset = opsets.get('');
  if (opset === undefined) throw new Error('a file without an operator set was decoded');
  return { producer, irVersion, opset, operators, notes: [...own, ...notes] };
}

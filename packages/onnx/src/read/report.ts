// What a user wants to know of a file that was read.
import type { FinalActivation } from './activation.ts';
import { activationInside } from './activation.ts';
import type { OnnxFile } from './file.ts';

/** What a file is, and what is not as it says. */
export interface ReadReport {
  /** The program that wrote it: `pytorch 2.15.0`; '' where the file does not say. */
  readonly producer: string;
  readonly irVersion: number;
  /** The version of ONNX's own operators. */
  readonly opset: number;
  /** How many nodes of each operator it has, the most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** A dtype that was widened, an activation that was taken off, batch norm that was folded into convolutions. */
  readonly notes: readonly string[];
}

/** @param notes of the nodes that were read */
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
      ? [`the final ${activation.op} is taken off: the output is logits; export puts it back`]
      : []),
    ...(inside
      ? [`"${inside.name}" (${inside.opType}) stays in the network: losses take its result as logits`]
      : []),
    ...(counts.has('Conv') && ![...counts.keys()].some((op) => op.endsWith('Normalization'))
      ? [
          'no batch normalization: if it was folded into the convolutions, they train as the convolutions that they are now',
        ]
      : []),
  ];
  const opset = opsets.get('');
  if (opset === undefined) throw new Error('a file without an operator set was decoded');
  return { producer, irVersion, opset, operators, notes: [...own, ...notes] };
}

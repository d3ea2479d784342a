// Describes an ONNX file before its network is used.
import type { OnnxModel } from '@isonet/runs';
import { counted } from '@isonet/runs';

/** The number of operators that are listed; the others are only counted. */
const NAMED = 5;

/** Operators that exporters write between layers, mostly for shapes: they are counted but not listed. */
const SHAPE_ARITHMETIC: ReadonlySet<string> = new Set([
  'Cast',
  'Constant',
  'ConstantOfShape',
  'Gather',
  'Identity',
  'Shape',
  'Squeeze',
  'Unsqueeze',
]);

/** Formats `net.onnx: ONNX by pytorch 2.15.0, operator set 17, 28 nodes (12 Conv, 12 Relu, ...)`, and notes on the import. */
export function onnxLines({ shown, notes, network: { report } }: OnnxModel): readonly string[] {
  const { producer, opset, operators } = report;
  const counts = Object.entries(operators);
  const nodes = counts.reduce((sum, [, n]) => sum + n, 0);
  const computing = counts.filter(([op]) => !SHAPE_ARITHMETIC.has(op));
  const named = computing.slice(0, NAMED).map(([op, n]) => `${n} ${op}`);
  const list = [...named, ...(computing.length > NAMED ? ['...'] : [])].join(', ');
  const by = producer === '' ? '' : ` by ${producer}`;
  return [
    `${shown}: ONNX${by}, operator set ${opset}, ${counted(nodes, 'node')} (${list})`,
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** Returns the same as JSON. */
export function onnxJson({ shown, sha256, notes, network: { report } }: OnnxModel): object {
  const { producer, opset, irVersion, operators } = report;
  return { file: shown, sha256, producer, irVersion, opset, operators, notes };
}

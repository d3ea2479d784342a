// The sizes that a file leaves open beside the batch: whoever reads it has to give them.
import { decodeOnnx } from './decode.ts';

/**
 * The names of the open sizes of a network's first input, in the order of its axes: what `dims` of readOnnx takes. An axis without
 * a name is called by its number, `2`. The batch, the first axis, is not among them.
 * @throws DataError `ONNX` for bytes that are no ONNX file
 */
export function openDims(bytes: Uint8Array): readonly string[] {
  const [input] = decodeOnnx(bytes).graph.inputs;
  const names = (input?.dims ?? []).flatMap((dim, axis): readonly string[] => {
    if (axis === 0 || (typeof dim === 'number' && dim > 0)) return [];
    return [dim === '' ? `${axis}` : `${dim}`];
  });
  return [...new Set(names)];
}

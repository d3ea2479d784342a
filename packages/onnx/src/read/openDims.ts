// Lists the sizes, other than the batch, that a file leaves open and the caller must provide.
import { decodeOnnx } from './decode.ts';

/**
 * Returns the names of the open sizes of a network's first input, in the order of its axes, for the `dims` option of readOnnx. An
 * unnamed axis is listed by its index, such as `2`. The first axis, the batch, is not listed.
 * @throws DataError `ONNX` for bytes that are not an ONNX file
 */
export function openDims(bytes: Uint8Array): readonly string[] {
  const [input] = decodeOnnx(bytes).graph.inputs;
  const names = (input?.dims ?? []).flatMap((dim, axis): readonly string[] => {
    if (axis === 0 || (typeof dim === 'number' && dim > 0)) return [];
    return [dim === '' ? `${axis}` : `${dim}`];
  });
  return [...new Set(names)];
}

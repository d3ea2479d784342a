// Exports a trained network as a self-contained ONNX model, with its weights, for any batch size.
import type { Graph, Model, Tensors } from '@isonet/core';
import { DataError, forward, sizeOf } from '@isonet/core';
import type { FinalActivation } from '../read/activation.ts';
import { canonical } from './canonical.ts';
import { rowsOfBatch } from './rowsOfBatch.ts';
import { legal, writeGraph } from './writeGraph.ts';
import { batchDims } from './writer/dims.ts';
import { encodeModel } from './writer/encode.ts';

/** The options of {@link exportOnnx}. */
export interface ExportOptions {
  /** The class names in the order of the logits, written as metadata `classes`, a JSON list. */
  readonly classNames?: readonly string[];
  /**
   * The meaning of the pixel values, written as metadata `images`. The default for models of images is 0..1: a byte
   * divided by 255.
   */
  readonly imageNote?: string;
  /** Additional metadata, such as `preprocessing`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A network to export. If a final activation was removed when the network was read from ONNX, export restores it. */
export interface ExportedModel extends Model {
  readonly activation?: FinalActivation | undefined;
}

/**
 * Writes the inference model, `<input>: float32 [N, ...] -> <output>: float32 [N, ...]` for every N, in operator set 17. The input
 * and output have the model's names (`images` and `logits`, for example).
 * Weights become initializers under the names of parameters and buffers. Nodes are named `<layer>/<operator>`. The same model and
 * weights always produce the same bytes.
 * @param weights every parameter and buffer that inference reads, by name; other entries (optimizer slots, auxiliary branches) are
 * not written
 * @throws DataError if a weight is missing or has the wrong type, or if the number of class names differs from the model's
 * @throws UnsupportedOpError if a layer mixes the images of a batch, or depends on the batch size in a way that cannot be written
 * for every N
 */
export function exportOnnx(
  network: ExportedModel,
  weights: Tensors,
  options: ExportOptions = {},
): Uint8Array {
  const model = activated(network);
  const { classNames, imageNote = imageNoteOf(model), metadata: further = {} } = options;
  const outputs = sizeOf(model.output.shape);
  if (classNames && classNames.length !== outputs) {
    throw new DataError(
      'CLASSES',
      `${model.name}: expected ${outputs} class names, got ${classNames.length}`,
    );
  }
  const built = (batch: number): Graph => legal(forward(model, batch).graph, canonical);
  const [two, three] = rowsOfBatch([built(2), built(3)], [2, 3]);
  const written = writeGraph(two, {
    dims: batchDims({ batch: 2, graph: two }, { batch: 3, graph: three }, { [model.input.name]: 0 }),
    weights,
    table: canonical,
  });
  const metadata = {
    ...(imageNote === undefined ? {} : { images: imageNote }),
    ...(classNames ? { classes: JSON.stringify(classNames) } : {}),
    ...further,
  };
  return encodeModel({ ...written.graph, name: model.name }, metadata);
}

/** Returns the model with the activation that was removed when it was read. */
function activated(model: ExportedModel): Model {
  const { activation, layer } = model;
  if (!activation) return model;
  return {
    ...model,
    layer: (scope, x) => {
      const logits = layer(scope, x);
      return activation.op === 'sigmoid'
        ? scope.op.sigmoid(logits)
        : scope.op[activation.op](logits, { axis: logits.shape.length - 1 });
    },
    output: { ...model.output, name: activation.output },
  };
}

function imageNoteOf({ input }: Model): string | undefined {
  return input.shape.length === 3 ? 'float32 in 0..1: a byte divided by 255' : undefined;
}

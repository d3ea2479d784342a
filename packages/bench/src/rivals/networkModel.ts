// Converts a network file to an isonet model, for rivals that run models exported by isonet.
import type { Model, Scope, Value } from '@isonet/core';
import { defined, GraphError, sizeOf } from '@isonet/core';
import type { NetworkFile, NetworkNode } from '../network.ts';

/** An op whose inputs and attributes are those of core. */
type Emit = (...args: readonly unknown[]) => Value;

/**
 * Builds the model in inference mode.
 * @param imageShape `[C, H, W]`
 */
export function modelOf(file: NetworkFile, imageShape: readonly number[]): Model {
  return {
    name: file.model,
    input: { name: 'images', shape: imageShape },
    output: { name: 'logits', shape: [file.classes] },
    layer: (scope, images) => {
      const values = new Map([[file.input, images]]);
      for (const { value, name, shape, kind, decays } of file.state) {
        const role = decays ? 'weight' : 'bias';
        values.set(
          value,
          kind === 'buffer' ? scope.buffer(name, shape, 0) : scope.parameter(name, shape, role),
        );
      }
      const at = (value: number): Value => defined(values.get(value), `value ${value} of ${file.model}`);
      for (const node of file.nodes) values.set(node.output, emitted(scope, node, node.inputs.map(at)));
      return at(file.output);
    },
  };
}

function emitted(scope: Scope, node: NetworkNode, inputs: readonly Value[]): Value {
  const { op, attrs } = node;
  const [x, ...state] = inputs;
  if (!x) throw new GraphError(`${op} "${node.layer}": no input`);
  const emit = (name: string, ...args: readonly unknown[]): Value => {
    const known: object = scope.op; // The names are known only at run time.
    return defined((known as Readonly<Record<string, Emit>>)[name], `the op "${name}"`)(...args);
  };
  if (op === 'dropout') return x;
  if (op === 'batchNorm') return emit('batchNormInference', x, ...state, { epsilon: attrs['epsilon'] });
  if (op === 'conv2d') {
    const [w, bias] = state;
    const y = emit('conv2d', x, w, attrs);
    return bias ? emit('biasAdd', y, bias) : y;
  }
  if (op === 'reshape') {
    const shape = attrs['shape'] as readonly number[];
    const rest = sizeOf(shape.filter((dim) => dim !== -1));
    return emit('reshape', x, { shape: shape.map((dim) => (dim === -1 ? sizeOf(x.shape) / rest : dim)) });
  }
  return emit(op, ...inputs, attrs);
}

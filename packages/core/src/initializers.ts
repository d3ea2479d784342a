// Initial weights. They depend only on the seed and the parameter's name, and are bit-identical on every backend.
import { checkGiven } from './arguments/check.ts';
import { listOfObjects, ranges } from './arguments/forms.ts';
import { objects } from './arguments/objects.ts';
import { ShapeError } from './errors.ts';
import type { Shape, Tensors } from './tensor.ts';
import { float32, shapeText, sizeOf } from './tensor.ts';
import { streamKey, uniformBlock } from './random.ts';

/** Initializes weights uniformly in [-bound, bound); a bound of 0 yields zeros. */
export interface Initializer {
  /** The name of the initializer: `xavier`. */
  readonly name: string;
  /** Returns the bound for a weight `[O, I]` or a filter `[O, I, KH, KW]`. @throws ShapeError for fewer than two axes */
  bound(shape: Shape): number;
}

/** A learned tensor that a layer declares. */
export interface ParameterSpec {
  /** The path of the layer and the parameter's local name: `nin1.c1.w`. */
  readonly name: string;
  /** The shape of its value, `[K, C, KH, KW]` for filters. */
  readonly shape: Shape;
  /**
   * Weight decay and the weight initializer apply to weights only. Biases start at 0, batch norm's scales at 1, prelu's
   * slopes at 0.25 (He et al. 2015, section 2.1).
   */
  readonly role: 'weight' | 'bias' | 'scale' | 'slope';
}

/**
 * Returns the fans of a dense weight `[out, in]` or a filter `[out, in, KH, KW]`: the number of inputs and of
 * outputs, each times the size of the receptive field.
 *
 * A transposed convolution's filter is `[in, out / groups, KH, KW]`, so its fans are swapped. PyTorch and
 * Keras count them the same way, so a ported network starts with the same spread. The swap does not affect
 * Xavier's bound. He's bound would differ if the terms per output were counted as in the paper (in / groups *
 * KH * KW / stride^2), but the shape does not reveal the stride.
 */
function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [out, input, ...field] = shape;
  if (out === undefined || input === undefined) {
    throw new ShapeError(
      `a weight needs an output and an input axis to be initialized, got ${shapeText(shape)}`,
    );
  }
  return { fanIn: input * sizeOf(field), fanOut: out * sizeOf(field) };
}

/**
 * Xavier initialization (Glorot and Bengio 2010, equation 16), equivalent to MXNet's Xavier() with its
 * defaults: uniform, magnitude 3, average of the fans; bound = sqrt(6 / (fanIn + fanOut)).
 */
export const xavier: Initializer = {
  name: 'xavier',
  bound: (shape) => {
    const { fanIn, fanOut } = fans(shape);
    return Math.sqrt(6 / (fanIn + fanOut));
  },
};

/** He initialization for ReLU (He et al. 2015, section 2.2): uniform, bound = sqrt(6 / fanIn). */
export const he: Initializer = {
  name: 'he',
  bound: (shape) => Math.sqrt(6 / fans(shape).fanIn),
};

const STARTS = { bias: 0, scale: 1, slope: 0.25 } as const;

/**
 * Returns initial values for all parameters: weights from the initializer; biases 0, scales 1, slopes 0.25. Each weight draws
 * from the random stream `init/<name>` at time 0.
 * @throws DataError `OPTION` for invalid arguments
 */
export function initialize(
  parameters: readonly ParameterSpec[],
  weights: Initializer,
  seed: number,
): Tensors {
  checkGiven('initialize', {
    parameters: [listOfObjects('a list of parameters'), parameters],
    weights: [objects.initializer, weights],
    seed: [ranges.seed, seed],
  });
  return Object.fromEntries(
    parameters.map(({ name, shape, role }) => {
      if (role !== 'weight')
        return [name, float32(shape, new Float32Array(sizeOf(shape)).fill(STARTS[role]))];
      const bound = weights.bound(shape);
      const unit = uniformBlock(seed, streamKey(`init/${name}`), 0, 0, sizeOf(shape));
      return [
        name,
        float32(
          shape,
          unit.map((u) => (u * 2 - 1) * bound),
        ),
      ];
    }),
  );
}

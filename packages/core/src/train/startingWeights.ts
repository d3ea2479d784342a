// The values that a training starts from: drawn by the initializer, or taken from weights that exist, whole or in part.
import { DataError, defined } from '../errors.ts';
import { initialize } from '../initializers.ts';
import type { Initializer } from '../initializers.ts';
import { float32, sameShape, typeText } from '../tensor.ts';
import type { Shape, Tensor, Tensors, TensorType } from '../tensor.ts';
import { asFloat32 } from '../backend/feeds.ts';
import type { ModelState } from './model.ts';

/** A weight that is not what the model declares under its name. */
export interface Mismatch {
  readonly name: string;
  readonly expected: TensorType;
  readonly got: TensorType;
}

/** Which weights a model took over. */
export interface WeightsReport {
  /** Parameters and buffers that were taken over. */
  readonly loaded: readonly string[];
  /** Those of the model that the weights lack: they start as without weights. */
  readonly missing: readonly string[];
  /** Those of the weights that the model lacks. */
  readonly unknown: readonly string[];
  /** Those of another shape or dtype: they start as without weights. */
  readonly mismatched: readonly Mismatch[];
}

/** Weights to start from. */
export interface StartingWeights {
  /** By parameter and buffer, as `await trainer.weights()` gives them; default: none. */
  readonly weights?: Tensors;
  /**
   * Whether the weights may be those of another network in part (another head, say): what does not fit then starts as without
   * them. Default false: anything that does not fit is an error.
   */
  readonly partialWeights?: boolean;
}

/**
 * Values for all parameters, and for the buffers that the weights have.
 * @param name of the model
 * @throws DataError `WEIGHTS` listing what does not fit, unless `partialWeights`; also when nothing at all fits
 */
export function startingValues(
  name: string,
  { parameters, buffers }: ModelState,
  initializer: Initializer,
  seed: number,
  { weights, partialWeights = false }: StartingWeights,
): { readonly values: Tensors; readonly report: WeightsReport | undefined } {
  const drawn = initialize(parameters, initializer, seed);
  if (!weights) return { values: drawn, report: undefined };
  const specs = [...parameters, ...buffers];
  const present = specs.filter((spec) => Object.hasOwn(weights, spec.name));
  const fits = present.filter((spec) => fitting(weights, spec));
  const known = new Set(specs.map((spec) => spec.name));
  const report: WeightsReport = {
    loaded: fits.map((spec) => spec.name),
    missing: specs.filter((spec) => !Object.hasOwn(weights, spec.name)).map((spec) => spec.name),
    unknown: Object.keys(weights).filter((other) => !known.has(other)),
    mismatched: present
      .filter((spec) => !fits.includes(spec))
      .map(({ name: other, shape }) => {
        const { dtype, shape: got } = given(weights, other);
        return { name: other, expected: { dtype: 'float32', shape }, got: { dtype, shape: got } };
      }),
  };
  const wrong = reportText(report);
  if (wrong !== '' && !partialWeights) {
    throw new DataError(
      'WEIGHTS',
      `${name}: the weights are not those of this network: ${wrong}; set partialWeights to take over what fits`,
    );
  }
  if (fits.length === 0) {
    throw new DataError('WEIGHTS', `${name}: none of the weights fits this network: ${wrong}`);
  }
  const taken = fits.map((spec) => {
    return [spec.name, float32(spec.shape, asFloat32(given(weights, spec.name)))] as const;
  });
  return { values: { ...drawn, ...Object.fromEntries(taken) }, report };
}

function fitting(
  weights: Tensors,
  { name, shape }: { readonly name: string; readonly shape: Shape },
): boolean {
  const tensor = given(weights, name);
  return (tensor.dtype === 'float32' || tensor.dtype === 'float64') && sameShape(tensor.shape, shape);
}

function given(weights: Tensors, name: string): Tensor {
  return defined(weights[name], `the weight "${name}"`);
}

/** What does not fit, in words; '' when all of it does. */
function reportText({ missing, unknown, mismatched }: WeightsReport): string {
  const some = (what: string, names: readonly string[]): readonly string[] => {
    if (names.length === 0) return [];
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    return [`${what} ${names.slice(0, 3).join(', ')}${more}`];
  };
  const types = mismatched.map(
    ({ name, expected, got }) => `${name} (expected ${typeText(expected)}, got ${typeText(got)})`,
  );
  return [...some('missing', missing), ...some('unknown', unknown), ...some('of another type', types)].join(
    '; ',
  );
}

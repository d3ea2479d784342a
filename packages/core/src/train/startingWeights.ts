// The initial values of a training run: drawn by the initializer, or loaded from existing weights, fully or partly.
import { DataError, defined } from '../errors.ts';
import { initialize } from '../initializers.ts';
import type { Initializer } from '../initializers.ts';
import { float32, sameShape, typeText } from '../tensor.ts';
import type { Shape, Tensor, Tensors, TensorType } from '../tensor.ts';
import { asFloat32 } from '../backend/feeds.ts';
import type { ModelState } from './model.ts';

/** A weight whose type differs from the model's declaration. */
export interface Mismatch {
  readonly name: string;
  readonly expected: TensorType;
  readonly got: TensorType;
}

/** The weights that a model loaded. */
export interface WeightsReport {
  /** Parameters and buffers that were loaded. */
  readonly loaded: readonly string[];
  /** Parameters and buffers that are missing from the weights; they start as if no weights were given. */
  readonly missing: readonly string[];
  /** Names in the weights that the model does not have. */
  readonly unknown: readonly string[];
  /**
   * Parameters and buffers whose shape or dtype differs in the weights; they start as if no weights were
   * given.
   */
  readonly mismatched: readonly Mismatch[];
}

/** Weights to start from. */
export interface StartingWeights {
  /**
   * Values by parameter and buffer name, as `await trainer.weights()` returns them. Default: none. A resumed run uses its
   * checkpoint instead.
   */
  readonly weights?: Tensors;
  /**
   * If true, the weights may come from a partly different network (e.g. with another head), and values that
   * do not fit start as if no weights were given. Default false: any misfit is an error.
   */
  readonly partialWeights?: boolean;
}

/**
 * Returns values for all parameters, and for those buffers that the weights include.
 * @param name the name of the model
 * @throws DataError `WEIGHTS` listing the misfits, unless `partialWeights`; also if nothing fits
 */
export function startingValues(
  name: string,
  { parameters, buffers }: ModelState,
  initializer: Initializer,
  seed: number,
  { weights, partialWeights = false }: StartingWeights,
): { readonly values: Tensors; readonly report: WeightsReport | undefined } {
  if (partialWeights && !weights) {
    throw new DataError('WEIGHTS', `${name}: partialWeights needs weights; pass them as well`);
  }
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
      `${name}: the weights do not fit this network: ${wrong}; set partialWeights to load those that fit`,
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

/** Describes the misfits; returns '' if there are none. */
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

// Judges each value of a device against the reference, which recomputes it from the device's own values. An error
// thus counts only where it arises, and a ReLU or a maximum that rounding has flipped upstream does not count.
import type { Part } from '@isonet/conformance/judging';
import {
  boundsOf,
  elementAt,
  position,
  referenceDevice,
  returnedType,
  section,
  valueName,
} from '@isonet/conformance/judging';
import type { Device, Tensor, ValueId } from '@isonet/core';
import { defined, sameShape, typeOf, typeText } from '@isonet/core';
import { noiseOf } from './noise.ts';
import type { Problem } from './problem.ts';
import type { Values } from './section.ts';
import { evaluate, inputsFor } from './section.ts';
import { distance, errorsOf } from './tensors.ts';

/**
 * The largest error allowed, in units of the noise, in the L2 norm. ONNX Runtime and TensorFlow.js stay below half
 * the noise on every node of NiN and GoogLeNet. With inputs in TF32, a sum of n terms is off by 4e-4; 16 times the
 * noise is 3e-6 sqrt(n), so TF32 is detected up to n = 20,000. The bounds detect it only up to n = 500. A sum of
 * equal values, whose rounding errors may all point the same way, passes at least up to n = 4,000.
 */
const NOISE_FACTOR = 16;

/** The smallest normal float32: smaller results may be flushed to 0. */
const TINY = 2 ** -126;

/** The comparison of a value of a graph with the expected one. */
export interface Judgement {
  /** The value of the graph. */
  readonly value: ValueId;
  /** The error relative to the allowed error; the value is wrong if this is above 1. */
  readonly ratio: number;
  /** |got - expected| in the L2 norm. */
  readonly error: number;
  /** The largest `error` allowed. */
  readonly allowed: number;
  /** |got - expected| / |expected| */
  readonly relativeL2: number;
  /** The position of the worst element: `[0, 3, 2, 1]`. */
  readonly place: string;
  /** The device's element there. */
  readonly got: number;
  /** The reference's element there. */
  readonly expected: number;
  /** The error allowed for that element; absent if only the whole tensor was judged. */
  readonly bound?: number;
  /** The number of elements beyond their bounds or, without bounds, different from the expected ones. */
  readonly off: number;
  /** The number of elements. */
  readonly size: number;
}

/** The expected results of a part of a graph. */
export interface Expectation {
  readonly outputs: Values;
  /** The error allowed for each element of an output; absent if only whole tensors were judged. */
  readonly bounds?: ReadonlyMap<ValueId, ArrayLike<number>>;
}

/**
 * Judges the results of a part of a graph against measured noise and, if `bounded`, each element against its bound.
 * @param values the device's own values, including those to be judged: each is fed to the nodes that use it
 * @throws Error if a value does not have the type that the graph declares
 */
export async function judge(
  device: Device,
  problem: Problem,
  part: Part,
  values: Values,
  { bounded }: { readonly bounded: boolean },
): Promise<{ readonly judgements: readonly Judgement[]; readonly expectation: Expectation }> {
  const judged = section(problem.graph, part, { fed: new Set(values.keys()) });
  const { state, feeds } = inputsFor(judged, problem, values);
  const outputs = await evaluate(await referenceDevice(), judged, problem, values);
  const noise = await noiseOf(judged, state, feeds, outputs);
  // An output without a bound must be exact.
  const inexact = bounded ? await boundsOf(judged.graph, state, feeds) : undefined;
  const boundsAt = (value: ValueId, { data }: Tensor): ArrayLike<number> | undefined =>
    inexact && (inexact[valueName(value)]?.data ?? new Float64Array(data.length));
  const bounds = new Map<ValueId, ArrayLike<number>>();
  const judgements = [...outputs].map(([value, expected]): Judgement => {
    const got = values.get(value);
    const type = returnedType(typeOf(problem.graph, value), device.numerics.float32.heldAs);
    if (!got || got.dtype !== type.dtype || !sameShape(got.shape, type.shape)) {
      throw new Error(
        `${valueName(value)} is ${got ? typeText(got) : 'missing'}, expected ${typeText(type)}`,
      );
    }
    const allowed = boundsAt(value, expected);
    if (allowed) bounds.set(value, allowed);
    return {
      value,
      ...compared(got, expected, allowed, defined(noise.get(value), `the noise of %${value}`)),
    };
  });
  return { judgements, expectation: { outputs, ...(bounded ? { bounds } : {}) } };
}

function compared(
  { data: got, shape }: Tensor,
  { data: expected }: Tensor,
  bounds: ArrayLike<number> | undefined,
  noise: number,
): Omit<Judgement, 'value'> {
  let [worst, at, off] = [0, 0, 0];
  errorsOf(got, expected).forEach((error, i) => {
    const ratio = error === 0 || !bounds ? error : error / elementAt(bounds, i);
    if (ratio > worst) [worst, at] = [ratio, i];
    if (bounds ? ratio > 1 : error > 0) off++;
  });
  const error = distance(got, expected);
  const allowed = NOISE_FACTOR * noise + TINY * Math.sqrt(expected.length);
  const size = distance(expected, new Float64Array(expected.length));
  return {
    ratio: Math.max(error / allowed, bounds ? worst : 0),
    error,
    allowed,
    relativeL2: error === 0 ? 0 : error / size,
    place: position(at, shape),
    got: elementAt(got, at),
    expected: elementAt(expected, at),
    ...(bounds ? { bound: elementAt(bounds, at) } : {}),
    off,
    size: expected.length,
  };
}

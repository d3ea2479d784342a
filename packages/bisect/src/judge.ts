// Values that a device has computed against what they should be, given the device's own values that they come from: so an
// error counts once, where it is made, and a ReLU or a maximum that rounding has turned upstream counts nowhere.
import { boundsOf, position, referenceDevice, returnedType } from '@isonet/conformance/judging';
import type { Device, Tensor, Tensors, ValueId } from '@isonet/core';
import { sameShape, typeOf, typeText } from '@isonet/core';
import { distance, errorOf } from './distance.ts';
import { noiseOf } from './noise.ts';
import type { Problem } from './problem.ts';
import type { Part, Values } from './section.ts';
import { evaluate, given, section, valueName } from './section.ts';

/**
 * How many times the noise an error may have, in the L2 norm. ONNX Runtime and TensorFlow.js stay below half of the noise
 * itself on every node of NiN and GoogLeNet. TF32 in a sum of n terms is 4e-4, 16 times the noise 3e-6 sqrt(n): it is convicted up to
 * n = 20,000, where the bound gives up at 500. A sum of equal numbers, whose rounding errors may all point one way, passes
 * at least up to n = 4,000.
 */
const NOISE_FACTOR = 16;

/** The smallest normal float32: what lies below may come out as 0. */
const TINY = 2 ** -126;

/** How a value of a graph compares. */
export interface Judgement {
  readonly value: ValueId;
  /** The error in units of what is allowed; above 1 it is wrong. */
  readonly ratio: number;
  /** |got - expected| in the L2 norm, of all numbers together, and how much of it is allowed. */
  readonly error: number;
  readonly allowed: number;
  /** |got - expected| / |expected| */
  readonly relativeL2: number;
  /** Where a number is worst: `[0, 3, 2, 1]`. */
  readonly place: string;
  readonly got: number;
  readonly expected: number;
  /** By how much a right result may be off at that place; absent where only the whole tensor was judged. */
  readonly bound?: number;
  /** How many numbers are beyond their bound (are not equal, without bounds), and of how many. */
  readonly off: number;
  readonly size: number;
}

/** What a part of a graph should have given. */
export interface Expectation {
  readonly outputs: Values;
  /** By the output's name. */
  readonly bounds?: Tensors;
}

/**
 * Judges what a device gave for a part of a graph: against measured noise and, unless the part is too long for them to say
 * anything, against bounds.
 * @param values the device's own, those to be judged among them: each is fed to whoever uses it
 */
export async function judge(
  device: Device,
  problem: Problem,
  part: Part,
  values: Values,
  { bounded }: { readonly bounded: boolean },
): Promise<{ readonly judgements: readonly Judgement[]; readonly expectation: Expectation }> {
  const graph = section(problem.graph, part, new Set(values.keys()));
  const { state, feeds } = given(graph, problem, values);
  const outputs = await evaluate(await referenceDevice(), graph, problem, values);
  const named = Object.fromEntries([...outputs].map(([value, tensor]) => [valueName(value), tensor]));
  const noise = await noiseOf(graph, state, feeds, named);
  const bounds = bounded ? await boundsOf(graph, state, feeds) : undefined;
  const judgements = part.reads.map((value): Judgement => {
    const [got, expected] = [values.get(value), outputs.get(value)];
    const type = returnedType(typeOf(problem.graph, value), device.numerics.float);
    if (!got || !expected || got.dtype !== type.dtype || !sameShape(got.shape, type.shape)) {
      throw new Error(
        `${valueName(value)} is ${got ? typeText(got) : 'missing'}, expected ${typeText(type)}`,
      );
    }
    const name = valueName(value);
    const allowed = bounds && (bounds[name]?.data ?? new Float64Array(expected.data.length));
    return { value, ...compared(got, expected, allowed, noise[name] ?? 0) };
  });
  return { judgements, expectation: { outputs, ...(bounds ? { bounds } : {}) } };
}

function compared(
  { data: got, shape }: Tensor,
  { data: expected }: Tensor,
  bounds: ArrayLike<number> | undefined,
  noise: number,
): Omit<Judgement, 'value'> {
  let [worst, at, off] = [0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const error = errorOf(got[i] ?? NaN, expected[i] ?? NaN);
    const ratio = error === 0 || !bounds ? error : error / (bounds[i] ?? 0);
    if (ratio > worst) [worst, at] = [ratio, i];
    if (bounds ? ratio > 1 : error > 0) off++;
  }
  const error = distance(got, expected);
  const allowed = NOISE_FACTOR * noise + TINY * Math.sqrt(expected.length);
  const norm = distance(expected, new Float64Array(expected.length));
  return {
    ratio: Math.max(error / allowed, bounds ? worst : 0),
    error,
    allowed,
    relativeL2: error === 0 ? 0 : error / norm,
    place: position(at, shape),
    got: got[at] ?? NaN,
    expected: expected[at] ?? NaN,
    ...(bounds ? { bound: bounds[at] ?? 0 } : {}),
    off,
    size: expected.length,
  };
}

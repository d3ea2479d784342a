// How a check went, and what the checks have in common; knows nothing of a test runner.
import type { Claims, Device, IsonetError, Tensor, Tensors } from '@isonet/core';
import { compare, the } from './compare.ts';
import type { ConformanceSubject } from '../suite/subject.ts';

/** The result of one check on one device. */
export interface Verdict {
  /** The check's. */
  readonly key: string;
  readonly passed: boolean;
  /** The largest error in units of its bound; Infinity where something had to be equal and is not. */
  readonly worst: number;
  /** One line for each thing that is off. */
  readonly failures: readonly string[];
  /** Why the device does not run it, in its own words: neither passed nor failed. */
  readonly refused?: string;
  /** Of a native check of a composite that passed: the device has no kernel for it, what ran is the decomposition. */
  readonly notNative?: true;
}

/** 'native': as the device takes it; 'decomposed': every composite written in primitives beforehand. */
export type Form = 'native' | 'decomposed';

/**
 * How a check is judged. 'exact': equal, number by number; 'bounded': by a bound computed beside the value; 'pinned': layer by layer, each
 * fed with the reference's values; 'whole': a network end to end; 'contract': by what the contract says.
 */
export type Tier = 'exact' | 'bounded' | 'pinned' | 'whole' | 'contract';

/** Something that every device is asked, under a stable key. */
export interface Check {
  readonly key: string;
  /** The op that it is about, or `combination`, `contract`, `golden`, ...: its row in a report. */
  readonly group: string;
  readonly form: Form;
  readonly tier: Tier;
  /** Whether it takes minutes on a slow device: a subject may leave such checks out. */
  readonly heavy?: boolean;
  /** What the check covers in a covering subset (subset.ts); a check without it runs only in the whole suite. */
  readonly covers?: () => readonly string[];
  /**
   * @param subject whose device it is, for what is asked of the backend itself
   * @throws UnsupportedOpError when the device refuses the graph; any other error is a failure of the check
   */
  readonly run: (device: Device, subject?: ConformanceSubject) => Promise<Verdict>;
}

/** Collects what is off, so that one run of a check tells all of it. */
export class Findings {
  readonly failures: string[] = [];
  #worst = 0;

  verdict(key: string, refused?: string): Verdict {
    const { failures } = this;
    const passed = failures.length === 0 && refused === undefined;
    return { key, passed, worst: this.#worst, failures, ...(refused === undefined ? {} : { refused }) };
  }

  add(what: string, { worst, failure }: { readonly worst: number; readonly failure?: string }): void {
    this.#worst = Math.max(this.#worst, worst);
    if (failure !== undefined) this.failures.push(`${what} ${failure}`);
  }

  /** That a number is at most `bound`. */
  within(what: string, error: number, bound: number): void {
    const holds = error <= bound;
    this.add(what, {
      worst: error / bound,
      ...(holds ? {} : { failure: `is off by ${error}, the bound is ${bound}` }),
    });
  }

  holds(what: string, truth: boolean): void {
    if (!truth) this.add('does not hold:', { worst: Infinity, failure: what });
  }

  /** That the tensor `name` holds these very numbers. */
  equal(what: string, tensors: Tensors, name: string, expected: Tensor['data'] | readonly number[]): void {
    const got = the(tensors, name);
    this.add(`${what}: ${name}`, compare(got, { dtype: got.dtype, shape: got.shape }, expected));
  }

  /** That a promise is rejected with an error of this class and, where one is given, of this code. */
  async rejects(
    what: string,
    promise: Promise<unknown>,
    kind: typeof IsonetError,
    code?: string,
  ): Promise<void> {
    const outcome = await promise.then(
      () => 'is accepted',
      (error: unknown) => {
        if (!(error instanceof kind)) return `throws ${nameOf(error, kind)}`;
        return code === undefined || error.code === code ? undefined : `has the code ${error.code}`;
      },
    );
    if (outcome === undefined) return;
    const expected = code === undefined ? kind.name : `${kind.name} ${code}`;
    this.add(what, { worst: Infinity, failure: `${outcome}, expected ${expected}` });
  }
}

/** As text; an error of another copy of @isonet/core is none of this one's. */
function nameOf(error: unknown, { name }: typeof IsonetError): string {
  const twin = error instanceof Error && error.constructor.name === name;
  return twin ? `the ${name} of another copy of @isonet/core` : String(error);
}

/** A check of the contract in a few steps. `claimed` says by what the device claims whether it applies. */
export function scenario(
  key: string,
  steps: (device: Device, findings: Findings) => Promise<void>,
  claimed?: (claims: Claims) => true | string,
  tier: Tier = 'contract',
): Check {
  const run = async (device: Device): Promise<Verdict> => {
    const findings = new Findings();
    const applies = claimed?.(device.numerics.float32) ?? true;
    if (applies !== true) return findings.verdict(key, applies);
    await steps(device, findings);
    return findings.verdict(key);
  };
  return { key, group: groupOf(key), form: 'native', tier, covers: () => [key], run };
}

/** `conv2d/3x3` -> `conv2d` */
export function groupOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

// Collects the failures of one run of a check.
import type { IsonetError, Tensor, Tensors } from '@isonet/core';
import type { Verdict } from './check.ts';
import { compare, tensorNamed } from './compare.ts';

export class Findings {
  readonly failures: string[] = [];
  #worst = 0;

  verdict(key: string, more: Pick<Verdict, 'refused' | 'notApplicable' | 'kernel'> = {}): Verdict {
    const { failures } = this;
    const ran = more.refused === undefined && more.notApplicable === undefined;
    return { key, passed: ran && failures.length === 0, failures, worst: this.#worst, ...more };
  }

  add(what: string, { worst, failure }: { readonly worst: number; readonly failure?: string }): void {
    this.#worst = Math.max(this.#worst, worst);
    if (failure !== undefined) this.failures.push(`${what} ${failure}`);
  }

  /** Requires an error of at most `bound`. */
  within(what: string, error: number, bound: number): void {
    const isWithin = error <= bound;
    const failure = `is off by ${error}, the bound is ${bound}`;
    this.add(what, { worst: error / bound, ...(isWithin ? {} : { failure }) });
  }

  /** Requires that a statement is true. */
  holds(what: string, truth: boolean): void {
    if (!truth) this.add('does not hold:', { worst: Infinity, failure: what });
  }

  /** Requires that the tensor `name` holds exactly these values. */
  equal(what: string, tensors: Tensors, name: string, expected: Tensor['data'] | readonly number[]): void {
    const got = tensorNamed(tensors, name);
    this.add(`${what}: ${name}`, compare(got, { dtype: got.dtype, shape: got.shape }, expected));
  }

  /** Requires that a promise rejects with an error of this class and, if `code` is passed, this code. */
  async rejects(
    what: string,
    promise: Promise<unknown>,
    kind: typeof IsonetError,
    code?: string,
  ): Promise<void> {
    const got = await promise.then(
      () => 'succeeds',
      (error: unknown) => {
        if (!(error instanceof kind)) return `throws ${nameOf(error, kind)}`;
        return code === undefined || error.code === code ? undefined : `has the code ${error.code}`;
      },
    );
    if (got === undefined) return;
    const expected = code === undefined ? kind.name : `${kind.name} ${code}`;
    this.add(what, { worst: Infinity, failure: `${got}, expected ${expected}` });
  }
}

/** Describes the error. An error class of another copy of @isonet/core is a different class. */
function nameOf(error: unknown, { name }: typeof IsonetError): string {
  const isTwin = error instanceof Error && error.constructor.name === name;
  return isTwin ? `the ${name} of another copy of @isonet/core` : String(error);
}

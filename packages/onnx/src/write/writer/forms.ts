// Forms: layouts that a value may have besides the graph's own. A runtime is fast in a layout of its own, so a kernel asks for
// the form that it reads and says which form it gives; a missing form is made once, where it is first asked for.
import type { Shape, Tensor, ValueId } from '@isonet/core';
import type { OnnxAttrs } from './encode.ts';

/** What a form is written with: the writer, as far as it knows nothing of the graph. */
export interface Emitter {
  emit(opType: string, inputs: readonly string[], attrs?: OnnxAttrs, domain?: string): string;
  constant(data: Tensor): string;
  int64(values: readonly number[]): string;
}

/** A layout of values. */
export interface Form {
  /** For people, unique among the forms of a lowering. */
  readonly name: string;
  /**
   * Lays a value out. What the layout has room for besides is filled with zeros.
   * @param plain the name of the value in the graph's own layout, with all its dims
   * @returns the name of the result
   */
  enter(writer: Emitter, plain: string, shape: Shape): string;
  /** Brings it back. @param name the value in this form */
  leave(writer: Emitter, name: string, shape: Shape): string;
}

/** What lies where a form is larger than its value: zeros, or numbers that mean nothing. */
export type Padding = 'zero' | 'any';

interface Formed {
  readonly form: Form;
  readonly name: string;
  readonly padding: Padding;
}

/** The forms that values have so far. */
export class Forms {
  readonly #known = new Map<ValueId, readonly Formed[]>();

  /** @param needs `zero`: only where the padding is known to be zero */
  find(value: ValueId, form: Form, needs: Padding): string | undefined {
    const found = this.#of(value).find((formed) => formed.form === form);
    return found && (needs === 'any' || found.padding === 'zero') ? found.name : undefined;
  }

  /** Remembers a form, in place of the same form with other padding. */
  set(value: ValueId, formed: Formed): void {
    const others = this.#of(value).filter(({ form }) => form !== formed.form);
    this.#known.set(value, [...others, formed]);
  }

  /** The form that a value had first. */
  first(value: ValueId): Formed | undefined {
    return this.#of(value)[0];
  }

  #of(value: ValueId): readonly Formed[] {
    return this.#known.get(value) ?? [];
  }
}

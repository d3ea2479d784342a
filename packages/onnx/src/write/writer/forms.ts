// Forms: layouts that a value can have in addition to the graph's layout. Each runtime has its own fast layout, so a kernel requests
// the form that it reads and declares the form of its result. A missing form is created once, on first use.
import type { Shape, Tensor, ValueId } from '@isonet/core';
import type { OnnxAttrs } from './encode.ts';

/** The part of the writer that a form needs, which is independent of the graph. */
export interface Emitter {
  emit(opType: string, inputs: readonly string[], attrs?: OnnxAttrs, domain?: string): string;
  constant(data: Tensor): string;
  int64(values: readonly number[]): string;
}

/** A layout of values. */
export interface Form {
  /** A human-readable name, unique among the forms of a lowering. */
  readonly name: string;
  /**
   * Converts a value to this form. Padding in the layout is filled with zeros.
   * @param plain the name of the value in the graph's layout, with all its dims
   * @returns the name of the result
   */
  enter(writer: Emitter, plain: string, shape: Shape): string;
  /** Converts a value back to the graph's layout. @param name the name of the value in this form */
  leave(writer: Emitter, name: string, shape: Shape): string;
}

/** The content of a form outside its value: zeros, or arbitrary numbers. */
export type Padding = 'zero' | 'any';

interface Formed {
  readonly form: Form;
  readonly name: string;
  readonly padding: Padding;
}

/** Records the forms that values have so far. */
export class Forms {
  readonly #known = new Map<ValueId, readonly Formed[]>();

  /**
   * Returns the name of a value in a form, if it exists.
   * @param needs if `zero`, the padding must be known to be zero
   */
  find(value: ValueId, form: Form, needs: Padding): string | undefined {
    const found = this.#of(value).find((formed) => formed.form === form);
    return found && (needs === 'any' || found.padding === 'zero') ? found.name : undefined;
  }

  /** Records a form of a value, replacing an earlier record of the same form. */
  set(value: ValueId, formed: Formed): void {
    const others = this.#of(value).filter(({ form }) => form !== formed.form);
    this.#known.set(value, [...others, formed]);
  }

  /** Returns the first recorded form of a value. */
  first(value: ValueId): Formed | undefined {
    return this.#of(value)[0];
  }

  #of(value: ValueId): readonly Formed[] {
    return this.#known.get(value) ?? [];
  }
}

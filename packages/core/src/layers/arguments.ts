// The check of what a layer was made with. Types do not reach plain JavaScript, nor TypeScript that is loaded without being
// checked. It runs where the layer is built, not where it is made: only there is the layer's name known, and a network of
// fifty convolutions needs it to find the one that is wrong.
import type { Fail } from '../ops/definition.ts';

/** What an argument or an option has to be. */
export interface Form {
  /** As in "expected kernel as ...". */
  readonly text: string;
  /** The fix, where the text does not tell it. */
  readonly hint?: string;
  fits(value: unknown): boolean;
}

/** One form for each option: the compiler names the option that has none. */
export type Forms<Options> = { readonly [Name in keyof Options]-?: Form };

/** The same form, for an option that may be left out. */
export function optional(form: Form): Form {
  return { ...form, fits: (value) => value === undefined || form.fits(value) };
}

const isWhole = (value: unknown, least: number): boolean => Number.isInteger(value) && Number(value) >= least;

const isList = (value: unknown, lengths: readonly number[], least: number): boolean =>
  Array.isArray(value) && lengths.includes(value.length) && value.every((item) => isWhole(item, least));

export const whole: Form = { text: 'a whole number of at least 1', fits: (value) => isWhole(value, 1) };

export const size: Form = {
  text: 'a whole number of at least 1 or [height, width]',
  fits: (value) => isWhole(value, 1) || isList(value, [2], 1),
};

export const sizeFrom0: Form = {
  text: 'a whole number or [height, width]',
  fits: (value) => isWhole(value, 0) || isList(value, [2], 0),
};

export const padding: Form = {
  text: "a whole number, [vertical, horizontal], [top, left, bottom, right] or 'same'",
  hint: 'write 0 for no padding',
  fits: (value) => value === 'same' || isWhole(value, 0) || isList(value, [2, 4], 0),
};

export const flag: Form = { text: 'true or false', fits: (value) => typeof value === 'boolean' };

export const number: Form = { text: 'a number', fits: (value) => Number.isFinite(value) };

export const numberFrom0: Form = {
  text: 'a number of at least 0',
  fits: (value) => Number.isFinite(value) && Number(value) >= 0,
};

/**
 * Checks everything that a layer was made with, and tells all that is wrong in one line.
 * @param positional by name, the form and what was given
 * @param options undefined where none were given
 * @throws what `fail` makes
 */
export function checkArguments(
  fail: Fail,
  positional: Readonly<Record<string, readonly [form: Form, given: unknown]>>,
  options: object = {},
  forms: Readonly<Record<string, Form>> = {},
): void {
  const faults = [
    ...Object.entries(positional).flatMap(([name, [form, given]]) => misfit(name, form, given)),
    ...optionFaults(options, forms),
  ];
  if (faults.length > 0) throw fail(faults.join('; '));
}

function optionFaults(options: object, forms: Readonly<Record<string, Form>>): readonly string[] {
  const known = Object.keys(forms).join(', ');
  // The type says that it is an object; null is not, and an array or a function has no options.
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [`expected options as an object (${known}), got ${givenText(options)}`];
  }
  const given = new Map<string, unknown>(Object.entries(options));
  const unknown = [...given].flatMap(([name, value]) =>
    Object.hasOwn(forms, name) || value === undefined ? [] : [`"${name}"`],
  );
  const misfits = Object.entries(forms).flatMap(([name, form]) => misfit(name, form, given.get(name)));
  if (unknown.length === 0) return misfits;
  return [
    ...misfits,
    `unknown option${unknown.length > 1 ? 's' : ''} ${unknown.join(', ')}, known: ${known}`,
  ];
}

function misfit(name: string, form: Form, given: unknown): readonly string[] {
  if (form.fits(given)) return [];
  const fix = form.hint === undefined ? '' : `; ${form.hint}`;
  return [`expected ${name} as ${form.text}, got ${givenText(given)}${fix}`];
}

/** What was given, for a message: `nothing`, `"3"`, `[1, 2, 3]`. */
export function givenText(given: unknown): string {
  if (given === undefined) return 'nothing';
  if (typeof given === 'string') return JSON.stringify(given);
  if (Array.isArray(given)) return given.length > 8 ? 'a list' : `[${given.map(itemText).join(', ')}]`;
  return itemText(given);
}

/** Of an object only keys: its values may be long, or contain the object itself. */
function itemText(given: unknown): string {
  if (typeof given === 'function') return 'a function';
  if (typeof given === 'string') return JSON.stringify(given);
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'object' && given !== null) {
    const keys = Object.keys(given).slice(0, 4).join(', ');
    return keys === '' ? 'an object' : `an object (${keys})`;
  }
  return String(given);
}

// Validates arguments and options at run time: plain JavaScript has no types, and TypeScript may be loaded without a type
// check. One error reports every problem, on one line. Layers are validated when the network is built, not when they are
// created: only then is the layer's name known, and the message needs it to point at one convolution out of fifty.
import { DataError } from '../errors.ts';
import type { Fail } from '../ops/definition.ts';
import type { Form } from './forms.ts';
import { isObject } from './forms.ts';
import { nearest } from './nearest.ts';

/** The expected form and the actual value of each argument, by name. */
export type Given = Readonly<Record<string, readonly [form: Form, given: unknown]>>;

/** Rules for options without a form. */
export interface OptionRules {
  /** Option names to ignore: they belong to another function that shares the same options object. */
  readonly others?: ReadonlySet<string>;
  /** A hint for each option that belongs elsewhere, by name. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/**
 * Checks the arguments and options of a call, and reports every problem on one line.
 * @param positional the form and the value of each argument, by name
 * @param options undefined if the caller passed none
 * @throws the error that `fail` creates
 */
export function checkArguments(
  fail: Fail,
  positional: Given,
  options: unknown = {},
  forms: Readonly<Record<string, Form>> = {},
  rules: OptionRules = {},
): void {
  const faults = [
    ...Object.entries(positional).flatMap(([name, [form, given]]) => misfit(name, form, given)),
    ...optionFaults(options, forms, rules),
  ];
  if (faults.length > 0) throw fail(faults.join('; '));
}

/**
 * Like {@link checkArguments}, for a function that accepts only options.
 * @throws DataError `OPTION`, `<where>: <every problem>`
 */
export function checkOptions(
  where: string,
  options: unknown,
  forms: Readonly<Record<string, Form>>,
  rules?: OptionRules,
): void {
  checkArguments(failAt(where), {}, options, forms, rules);
}

/** Checks the arguments of a function that has no options. @throws DataError `OPTION`, `<where>: <every problem>` */
export function checkGiven(where: string, given: Given): void {
  checkArguments(failAt(where), given);
}

/** Rejects every argument, for a function without parameters. @throws the error that `fail` creates */
export function checkNothing(fail: Fail, given: readonly unknown[], hint?: string): void {
  if (given.length === 0) return;
  const fix = hint === undefined ? '' : `; ${hint}`;
  throw fail(`expected no argument, got ${given.map(givenText).join(', ')}${fix}`);
}

/** Returns a factory for errors that read `<where>: <message>`. */
export function failAt(where: string): Fail {
  return (message) => new DataError('OPTION', `${where}: ${message}`);
}

function optionFaults(
  options: unknown,
  forms: Readonly<Record<string, Form>>,
  { others, elsewhere = {} }: OptionRules,
): readonly string[] {
  const known = Object.keys(forms).join(', ');
  if (!isObject(options)) return [`options: expected an object (${known}), got ${givenText(options)}`];
  const unknown = Object.keys(options).filter(
    (name) => !Object.hasOwn(forms, name) && options[name] !== undefined && others?.has(name) !== true,
  );
  const misfits = Object.entries(forms).flatMap(([name, form]) => misfit(name, form, options[name]));
  return [...misfits, ...unknownFaults(unknown, Object.keys(forms), elsewhere)];
}

/**
 * Returns the faults of unknown options. For each, suggests the option that was probably meant or where the
 * option belongs; if neither is known, lists the known options.
 */
function unknownFaults(
  unknown: readonly string[],
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>>,
): readonly string[] {
  const strange: string[] = [];
  const faults = unknown.flatMap((name) => {
    const meant = nearest(name, known);
    if (Object.hasOwn(elsewhere, name)) return [`unknown option "${name}"; ${elsewhere[name]}`];
    if (meant !== undefined) return [`unknown option "${name}", did you mean ${meant}?`];
    strange.push(`"${name}"`);
    return [];
  });
  if (strange.length === 0) return faults;
  const options = strange.length === 1 ? 'option' : 'options';
  return [...faults, `unknown ${options} ${strange.join(', ')}, known: ${known.join(', ')}`];
}

function misfit(name: string, form: Form, given: unknown): readonly string[] {
  if (!form.fits(given)) {
    const hint = given instanceof Promise ? 'await it' : form.hint;
    const fix = hint === undefined ? '' : `; ${hint}`;
    return [`${name}: expected ${form.text}, got ${givenText(given)}${fix}`];
  }
  if (form.fields === undefined || given === undefined) return [];
  return optionFaults(given, form.fields, {}).map((fault) => `${name}: ${fault}`);
}

/** Formats a value for a message: `nothing`, `"3"`, `[1, 2, 3]`. */
export function givenText(given: unknown): string {
  if (given === undefined) return 'nothing';
  if (typeof given === 'string') return JSON.stringify(given);
  if (Array.isArray(given)) return given.length > 8 ? 'a list' : `[${given.map(itemText).join(', ')}]`;
  return itemText(given);
}

/** Formats one value. Only the keys of an object are shown: its values may be long or circular. */
function itemText(given: unknown): string {
  if (typeof given === 'function') return 'a function';
  if (typeof given === 'string') return JSON.stringify(given);
  if (Array.isArray(given)) return 'a list';
  if (given instanceof Promise) return 'a promise';
  if (typeof given === 'object' && given !== null) {
    const keys = Object.keys(given).slice(0, 4).join(', ');
    return keys === '' ? 'an object' : `an object (${keys})`;
  }
  return String(given);
}

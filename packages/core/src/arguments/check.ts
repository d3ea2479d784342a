// The check of arguments and options. Types do not reach plain JavaScript, nor TypeScript that is loaded without being
// checked. One error tells all that is wrong, in one line. Layers are checked where they are built, not where they are made:
// only there is the layer's name known, and a network of fifty convolutions needs it to find the one that is wrong.
import { DataError } from '../errors.ts';
import type { Fail } from '../ops/definition.ts';
import type { Form } from './forms.ts';
import { isObject } from './forms.ts';
import { nearest } from './nearest.ts';

/** By name, what an argument has to be and what was given. */
export type Given = Readonly<Record<string, readonly [form: Form, given: unknown]>>;

/** How options are checked beyond their forms. */
export interface OptionRules {
  /** Names that are passed over: they are options of another function, so that one object may serve both. */
  readonly others?: ReadonlySet<string>;
  /** What to say of options that belong elsewhere, by name. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/**
 * Checks everything that something was made with, and tells all that is wrong in one line.
 * @param positional by name, the form and what was given
 * @param options undefined where none were given
 * @throws what `fail` makes
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

/** As {@link checkArguments}, of what takes options alone. @throws DataError `OPTION`, `<where>: <all that is wrong>` */
export function checkOptions(
  where: string,
  options: unknown,
  forms: Readonly<Record<string, Form>>,
  rules?: OptionRules,
): void {
  checkArguments(failAt(where), {}, options, forms, rules);
}

/** Checks arguments of a function that takes no options. @throws DataError `OPTION`, `<where>: <all that is wrong>` */
export function checkGiven(where: string, given: Given): void {
  checkArguments(failAt(where), given);
}

/** @throws what `fail` makes where something was given to what takes nothing */
export function checkNothing(fail: Fail, given: readonly unknown[], hint?: string): void {
  if (given.length === 0) return;
  const fix = hint === undefined ? '' : `; ${hint}`;
  throw fail(`expected no argument, got ${given.map(givenText).join(', ')}${fix}`);
}

/** Makes the error `<where>: <message>`. */
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

/** Names the option that may be meant, or says where it belongs, or else lists all that there are. */
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
  if (given instanceof Promise) return 'a promise';
  if (typeof given === 'object' && given !== null) {
    const keys = Object.keys(given).slice(0, 4).join(', ');
    return keys === '' ? 'an object' : `an object (${keys})`;
  }
  return String(given);
}

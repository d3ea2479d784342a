// What an argument or an option has to be, in words and as a test. Each rule is written here once: layers, training, run
// folders and the command line share it, so that all of them say the same of the same mistake.

/** What an argument or an option has to be. */
export interface Form {
  /** As in "expected ...": `a whole number of at least 1`. */
  readonly text: string;
  /** The fix, where the text does not tell it. */
  readonly hint?: string;
  /** Of an object whose fields are checked too. */
  readonly fields?: Readonly<Record<string, Form>>;
  /** Whether a value, of any type, is right. */
  readonly fits: (value: unknown) => boolean;
}

/** One form for each option: the compiler names the option that has none. */
export type Forms<Options> = { readonly [Name in keyof Options]-?: Form };

/** The same form, for an option that may be left out. */
export function optional(form: Form): Form {
  return { ...form, fits: (value) => value === undefined || form.fits(value) };
}

const isWhole = (value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const isNumber = (value: unknown, test: (number: number) => boolean): boolean =>
  typeof value === 'number' && Number.isFinite(value) && test(value);

const isList = (value: unknown, lengths: readonly number[], least: number): boolean =>
  Array.isArray(value) && lengths.includes(value.length) && value.every((item) => isWhole(item, least));

/** The whole numbers of a range, both ends included. */
export function wholeFrom(least: number, most: number): Form {
  const range = `from ${least} to ${most.toLocaleString('en-US')}`;
  return { text: `a whole number ${range}`, fits: (value) => isWhole(value, least, most) };
}

/**
 * The ranges of numbers: `count` and `countFrom0` of epochs, samples, units; `seed` of what keys random numbers; `part` of a
 * whole, `properPart` of one that is split; `rate` of dropout, decay, momentum; `threads` of a device.
 */
export type RangeName =
  | 'count'
  | 'countFrom0'
  | 'seed'
  | 'threads'
  | 'number'
  | 'from0'
  | 'above0'
  | 'part'
  | 'properPart'
  | 'rate';

/** What numbers make sense as a setting, each in words and as a test: for a front end of its own, as the command line is. */
export const ranges: Readonly<Record<RangeName, Form>> = {
  count: { text: 'a whole number of at least 1', fits: (value) => isWhole(value, 1) },
  countFrom0: { text: 'a whole number of at least 0', fits: (value) => isWhole(value, 0) },
  seed: wholeFrom(0, 2 ** 32 - 1),
  threads: wholeFrom(1, 1024),
  number: { text: 'a number', fits: Number.isFinite },
  from0: { text: 'a number of at least 0', fits: (value) => isNumber(value, (x) => x >= 0) },
  above0: { text: 'a number above 0', fits: (value) => isNumber(value, (x) => x > 0) },
  part: { text: 'a number from 0 to 1', fits: (value) => isNumber(value, (x) => x >= 0 && x <= 1) },
  properPart: {
    text: 'a number above 0 and below 1',
    fits: (value) => isNumber(value, (x) => x > 0 && x < 1),
  },
  rate: {
    text: 'a number of at least 0 and below 1',
    fits: (value) => isNumber(value, (x) => x >= 0 && x < 1),
  },
};

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

/** A boolean. */
export const flag: Form = { text: 'true or false', fits: (value) => typeof value === 'boolean' };

export const callback: Form = { text: 'a function', fits: (value) => typeof value === 'function' };

/** What is checked elsewhere. */
export const anything: Form = { text: 'anything', fits: () => true };

/** Whether a value is a text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** One of some words. */
export function oneOf(words: readonly string[]): Form {
  return {
    text: `one of ${words.join(', ')}`,
    fits: (value) => typeof value === 'string' && words.includes(value),
  };
}

/** Whether a value is an object whose fields can be read: neither null, nor a list, nor a promise of one. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

export function listOfObjects(text: string): Form {
  return { text, fits: (value) => Array.isArray(value) && value.every(isObject) };
}

/** An object whose fields have forms of their own; other fields are refused. */
export function fieldsOf(fields: Readonly<Record<string, Form>>): Form {
  return { text: `an object (${Object.keys(fields).join(', ')})`, fields, fits: isObject };
}

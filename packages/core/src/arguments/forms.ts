// The forms of arguments and options: each is a test and its description. Layers, training, run folders and the command line
// share them, so the same mistake always produces the same message.

/** The expected form of an argument or an option. */
export interface Form {
  /** Completes "expected ...": `an integer of at least 1`. */
  readonly text: string;
  /** The fix, if the text alone does not suggest it. */
  readonly hint?: string;
  /** The forms of an object's fields. */
  readonly fields?: Readonly<Record<string, Form>>;
  /** Tests a value of any type. */
  readonly fits: (value: unknown) => boolean;
}

/** One form per option: a missing form is a compile error. */
export type Forms<Options> = { readonly [Name in keyof Options]-?: Form };

/** Returns a form that also accepts undefined. */
export function optional(form: Form): Form {
  return { ...form, fits: (value) => value === undefined || form.fits(value) };
}

const isInteger = (value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const isNumber = (value: unknown, test: (number: number) => boolean): boolean =>
  typeof value === 'number' && Number.isFinite(value) && test(value);

const isList = (value: unknown, lengths: readonly number[], least: number): boolean =>
  Array.isArray(value) && lengths.includes(value.length) && value.every((item) => isInteger(item, least));

/** Returns the form of an integer within a range that includes both ends. */
export function wholeFrom(least: number, most: number): Form {
  const range = `from ${least} to ${most.toLocaleString('en-US')}`;
  return { text: `an integer ${range}`, fits: (value) => isInteger(value, least, most) };
}

/**
 * The names of the numeric ranges: `count` and `countFrom0` for epochs, samples and units; `seed` for random number generators;
 * `part` for a fraction, `properPart` for a fraction that leaves both parts non-empty; `rate` for dropout, decay and momentum;
 * `threads` for a device.
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

/** The numeric ranges that settings use. Exported for other front ends, such as the command line. */
export const ranges: Readonly<Record<RangeName, Form>> = {
  count: { text: 'an integer of at least 1', fits: (value) => isInteger(value, 1) },
  countFrom0: { text: 'an integer of at least 0', fits: (value) => isInteger(value, 0) },
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
  text: 'an integer of at least 1 or [height, width]',
  fits: (value) => isInteger(value, 1) || isList(value, [2], 1),
};

export const sizeFrom0: Form = {
  text: 'a non-negative integer or [height, width]',
  fits: (value) => isInteger(value, 0) || isList(value, [2], 0),
};

export const padding: Form = {
  text: "an integer, [vertical, horizontal], [top, left, bottom, right] or 'same'",
  hint: 'write 0 for no padding',
  fits: (value) => value === 'same' || isInteger(value, 0) || isList(value, [2, 4], 0),
};

/** A boolean. */
export const flag: Form = { text: 'true or false', fits: (value) => typeof value === 'boolean' };

export const callback: Form = { text: 'a function', fits: (value) => typeof value === 'function' };

/** Accepts any value, for arguments that are validated elsewhere. */
export const anything: Form = { text: 'anything', fits: () => true };

/** Returns true for a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Returns the form of a string from a fixed list. */
export function oneOf(words: readonly string[]): Form {
  return {
    text: `one of ${words.join(', ')}`,
    fits: (value) => typeof value === 'string' && words.includes(value),
  };
}

/** Returns true for an object with named fields; returns false for null, an array or a promise. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

export function listOfObjects(text: string): Form {
  return { text, fits: (value) => Array.isArray(value) && value.every(isObject) };
}

/** Returns the form of an object whose fields have these forms; unknown fields are rejected. */
export function fieldsOf(fields: Readonly<Record<string, Form>>): Form {
  return { text: `an object (${Object.keys(fields).join(', ')})`, fields, fits: isObject };
}

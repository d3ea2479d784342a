// Rules for parameters that are frozen or trained with other settings.
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { flag, isText, oneOf, optional, ranges } from '../arguments/forms.ts';
import { DataError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';

/**
 * Settings for the parameters that a rule matches. If several rules match, later ones override earlier ones, field by field.
 */
export interface ParameterRule {
  /**
   * The name of a parameter (`head.w`), or of a layer (`body`) to match all parameters below it; `*` matches
   * any characters (`body.*.b`). A regular expression is tested against the name of each parameter.
   */
  readonly match: string | RegExp;
  /**
   * Freezes the parameters: no gradient, no slots, no weight decay. A layer whose parameters are all frozen also freezes its
   * batch statistics, see `batchStatistics`.
   */
  readonly frozen?: boolean;
  /**
   * For frozen layers: with `frozen` (the default), batch norm uses its running statistics and does not update them; with
   * `updated`, it uses batch statistics and updates the running ones, as usual in training.
   */
  readonly batchStatistics?: 'frozen' | 'updated';
  /** Multiplies the schedule's learning rate for these parameters. */
  readonly lrFactor?: number;
  /** The weight decay of these parameters, including biases and scales. Overrides the optimizer's. */
  readonly weightDecay?: number;
}

const RULE: Forms<ParameterRule> = {
  match: {
    text: 'a name, with or without *, or a regular expression',
    fits: (value) => isText(value) || value instanceof RegExp,
  },
  frozen: optional(flag),
  batchStatistics: optional(oneOf(['frozen', 'updated'])),
  lrFactor: optional(ranges.from0),
  weightDecay: optional(ranges.from0),
};

/** A parameter that training changes, with its settings. */
export interface LearnedParameter extends ParameterSpec {
  /** Multiplies the learning rate. Default 1. */
  readonly lrFactor?: number;
  /** Overrides the optimizer's weight decay. */
  readonly weightDecay?: number;
}

/** Returns the combined settings of all rules for one parameter. */
export function settingsOf(name: string, rules: readonly ParameterRule[]): Omit<ParameterRule, 'match'> {
  return rules.reduce<Omit<ParameterRule, 'match'>>((settings, { match, ...own }) => {
    return matches(match, name) ? { ...settings, ...own } : settings;
  }, {});
}

/**
 * Returns the parameters that training changes.
 * @param model the name of the model, for messages
 * @throws DataError `PARAMETER_RULE` if a rule matches no parameter or has a value out of range, or every parameter is frozen
 */
export function parameterSettings(
  model: string,
  parameters: readonly ParameterSpec[],
  rules: readonly ParameterRule[],
): readonly LearnedParameter[] {
  const fail = (problem: string): DataError => new DataError('PARAMETER_RULE', `${model}: ${problem}`);
  for (const rule of rules) {
    const { match } = rule;
    const failOfRule = (problem: string): DataError =>
      fail(`the parameter rule ${String(match)}: ${problem}`);
    checkArguments(failOfRule, {}, rule, RULE);
    if (!parameters.some(({ name }) => matches(match, name))) {
      const some = parameters.slice(0, 4).map(({ name }) => name);
      throw fail(
        `the parameter rule ${String(match)} matches no parameter; names look like ${some.join(', ')}`,
      );
    }
  }
  const learned = parameters.flatMap((parameter): readonly LearnedParameter[] => {
    const { frozen = false, lrFactor, weightDecay } = settingsOf(parameter.name, rules);
    if (frozen) return [];
    const own = {
      ...(lrFactor === undefined ? {} : { lrFactor }),
      ...(weightDecay === undefined ? {} : { weightDecay }),
    };
    return [{ ...parameter, ...own }];
  });
  if (learned.length === 0 && parameters.length > 0) {
    throw fail('every parameter is frozen: there is nothing to train');
  }
  return learned;
}

/** Returns true if a pattern matches the parameter or a layer above it. */
function matches(match: string | RegExp, name: string): boolean {
  if (typeof match !== 'string') return new RegExp(match.source, match.flags.replace(/[gy]/g, '')).test(name);
  const pattern = match.split('*').map(escaped).join('.*');
  return new RegExp(`^${pattern}(\\.|$)`).test(name);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

// Which parameters training leaves alone, or treats differently from the rest.
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { flag, isText, oneOf, optional, ranges } from '../arguments/forms.ts';
import { DataError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';

/** Settings of the parameters that a rule matches. Where several rules match, later ones win, field by field. */
export interface ParameterRule {
  /**
   * Which parameters: a name (`head.w`), a layer, which stands for all below it (`body`), either with `*` for any characters
   * (`body.*.b`), or a regular expression that is tested on the name.
   */
  readonly match: string | RegExp;
  /**
   * Keeps the parameters as they are: no gradient, no slots, no weight decay. Layers all of whose parameters are frozen keep
   * their batch statistics too, see `batchStatistics`.
   */
  readonly frozen?: boolean;
  /**
   * With `frozen`: `frozen` (the default) lets batch norm normalize by its running statistics, which stay as they are;
   * `updated` lets it use the batch and move them, as elsewhere in training.
   */
  readonly batchStatistics?: 'frozen' | 'updated';
  /** The learning rate of these parameters is the schedule's times this. */
  readonly lrFactor?: number;
  /** Of these parameters, biases and scales included, instead of the optimizer's. */
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

/** A parameter that training changes, with what its rules say. */
export interface LearnedParameter extends ParameterSpec {
  /** Multiplies the learning rate; default 1. */
  readonly lrFactor?: number;
  /** Instead of the optimizer's own. */
  readonly weightDecay?: number;
}

/** What all rules together say of one parameter. */
export function settingsOf(name: string, rules: readonly ParameterRule[]): Omit<ParameterRule, 'match'> {
  return rules.reduce<Omit<ParameterRule, 'match'>>((settings, { match, ...own }) => {
    return matches(match, name) ? { ...settings, ...own } : settings;
  }, {});
}

/**
 * The parameters that training changes.
 * @param model its name, for messages
 * @throws DataError `PARAMETER_RULE` when a rule matches no parameter or has a value out of range, or every parameter
 * is frozen
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
        `the parameter rule ${String(match)} matches no parameter; their names are like ${some.join(', ')}`,
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

/** Whether a pattern names the parameter or a layer above it. */
function matches(match: string | RegExp, name: string): boolean {
  if (typeof match !== 'string') return new RegExp(match.source, match.flags.replace(/[gy]/g, '')).test(name);
  const pattern = match.split('*').map(escaped).join('.*');
  return new RegExp(`^${pattern}(\\.|$)`).test(name);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

// The options of optimizers: values out of range are rejected when the optimizer is created, not at the first step.
import { adam, adamW, DataError, sgd } from '@isonet/core';
import { describe, expect, it } from 'vitest';

describe('an optimizer', () => {
  const below1 = 'expected a number of at least 0 and below 1, got';
  const above0 = 'expected a number of at least 0, got';

  it.each<[string, () => unknown, string]>([
    ['momentum 1', () => sgd({ momentum: 1 }), `sgd: momentum: ${below1} 1`],
    ['momentum NaN', () => sgd({ momentum: NaN }), `sgd: momentum: ${below1} NaN`],
    ['a negative decay', () => sgd({ weightDecay: -1 }), `sgd: weightDecay: ${above0} -1`],
    [
      'nesterov alone',
      () => sgd({ nesterov: true }),
      'sgd: nesterov: expected a momentum above 0, got momentum 0',
    ],
    ['beta1 1', () => adam({ beta1: 1 }), `adam: beta1: ${below1} 1`],
    ['beta2 -0.1', () => adamW({ beta2: -0.1 }), `adamW: beta2: ${below1} -0.1`],
    ['epsilon NaN', () => adam({ epsilon: NaN }), `adam: epsilon: ${above0} NaN`],
    ['an infinite decay', () => adamW({ weightDecay: Infinity }), `adamW: weightDecay: ${above0} Infinity`],
  ])('is rejected with %s', (_, make, message) => {
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  });
});

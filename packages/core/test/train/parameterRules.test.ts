// Parameter rules: freezing, learning rate factors, and the batch statistics of frozen layers.
import type { Layer, Model, ParameterRule, Tensor, Tensors, TrainerOptions } from '@isonet/core';
import {
  adam,
  batchNorm,
  DataError,
  dense,
  dropout,
  fit,
  float32,
  gradients,
  he,
  initialize,
  int32,
  sequential,
  sgd,
  stateOf,
  Trainer,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { model as tiny, numbers, options } from './tiny.ts';

function modelOf(layer: Layer): Model {
  return {
    name: 'm',
    input: { name: 'x', shape: [3] },
    output: { name: 'logits', shape: [2] },
    layer,
  };
}

const model = modelOf(
  sequential({
    body: sequential({ fc: dense(4), bn: batchNorm({ momentum: 0.75 }) }),
    body2: dense(3),
    head: dense(2),
  }),
);
const names = [
  'body.fc.w',
  'body.fc.b',
  'body.bn.scale',
  'body.bn.b',
  'body2.w',
  'body2.b',
  'head.w',
  'head.b',
] as const;
const batch = {
  inputs: float32([4, 3], [1, 2, 3, -1, 0.5, 0, 2, -2, 1, 0, 1, -1]),
  labels: int32([4], [0, 1, 1, 0]),
};

function learned(...rules: readonly ParameterRule[]): string[] {
  return stateOf(model, rules).learned.map(({ name }) => name);
}

function frozen(...matches: readonly (string | RegExp)[]): string[] {
  const left = learned(...matches.map((match): ParameterRule => ({ match, frozen: true })));
  return names.filter((name) => !left.includes(name));
}

interface Trained {
  readonly before: Tensors;
  readonly after: Tensors;
  readonly trainer: Trainer;
}

/** Trains some steps on one batch. */
async function trained(changes: Partial<TrainerOptions> = {}, steps = 1, lr = 0.5): Promise<Trained> {
  const { model: of = model } = changes;
  const device = await reference.open();
  const values = initialize(stateOf(of).parameters, he, 7);
  const given = { model: of, device, optimizer: sgd(), values, seed: 7, ...changes };
  const trainer = await Trainer.create(given);
  const before = await trainer.snapshot();
  for (let step = 0; step < steps; step++) await (await trainer.step(batch, step, lr))();
  return { before, after: await trainer.snapshot(), trainer };
}

/** Returns the change of each value of a parameter. */
function moved({ before, after }: Trained, name: string): number[] {
  const start = numbers(before, name);
  return numbers(after, name).map((value, i) => value - (start[i] ?? NaN));
}

describe('a rule', () => {
  it('matches parameters by name, enclosing layer, pattern and regular expression', () => {
    const body = ['body.fc.w', 'body.fc.b', 'body.bn.scale', 'body.bn.b'];
    expect(frozen('head.w')).toEqual(['head.w']);
    expect(frozen('head')).toEqual(['head.w', 'head.b']);
    expect(frozen('body')).toEqual(body);
    expect(frozen('body.bn')).toEqual(['body.bn.scale', 'body.bn.b']);
    expect(frozen('body2')).toEqual(['body2.w', 'body2.b']);
    expect(frozen('*.b')).toEqual(['body.fc.b', 'body.bn.b', 'body2.b', 'head.b']);
    expect(frozen('body.*.b')).toEqual(['body.fc.b', 'body.bn.b']);
    expect(frozen('body*')).toEqual([...body, 'body2.w', 'body2.b']);
    expect(frozen(/^(body2|head)\.w$/)).toEqual(['body2.w', 'head.w']);
    expect(frozen('body', 'head.b')).toEqual([...body, 'head.b']);
  });

  it('treats dots and other special characters literally', () => {
    const odd = modelOf(sequential({ 'a+b': dense(2), aab: dense(2), axb: dense(2) }));
    const left = (match: string): string[] =>
      stateOf(odd, [{ match, frozen: true }]).learned.map(({ name }) => name);
    expect(left('a+b')).toEqual(['aab.w', 'aab.b', 'axb.w', 'axb.b']);
    expect(() => left('a.b')).toThrow('matches no parameter');
    expect(() => left('head')).toThrow('matches no parameter');
  });

  it('with a flag g or y always matches the same', () => {
    for (const flags of ['', 'g', 'y', 'gy']) {
      const match = new RegExp('b$', flags);
      match.lastIndex = 3;
      expect(frozen(match), flags).toEqual(['body.fc.b', 'body.bn.b', 'body2.b', 'head.b']);
      expect(match.lastIndex).toBe(3);
    }
    expect(frozen(/HEAD/i)).toEqual(['head.w', 'head.b']);
  });

  it('is overridden by later ones, field by field', () => {
    const all: ParameterRule = { match: '*', frozen: true };
    expect(learned(all, { match: 'head', frozen: false })).toEqual(['head.w', 'head.b']);
    expect(() => learned({ match: 'head', frozen: false }, all)).toThrow('every parameter is frozen');
    const { learned: specs } = stateOf(model, [
      { match: '*', lrFactor: 0.5, weightDecay: 1 },
      { match: 'head', lrFactor: 2 },
      { match: 'head.b', weightDecay: 0 },
    ]);
    const settings = specs.map(({ name, lrFactor, weightDecay }) => [name, lrFactor, weightDecay]);
    expect(settings.slice(-3)).toEqual([
      ['body2.b', 0.5, 1],
      ['head.w', 2, 1],
      ['head.b', 2, 0],
    ]);
  });

  it.each<[string, ParameterRule, string]>([
    [
      'that matches nothing',
      { match: 'neck', frozen: true },
      'm: the parameter rule neck matches no parameter; names look like body.fc.w, body.fc.b, body.bn.scale, body.bn.b',
    ],
    ['that matches a part of a name', { match: 'bod', frozen: true }, 'the parameter rule bod matches no'],
    [
      'with an expression that matches nothing',
      { match: /x$/, frozen: true },
      'm: the parameter rule /x$/ matches no',
    ],
    [
      'with a negative factor',
      { match: 'head', lrFactor: -1 },
      'm: the parameter rule head: lrFactor: expected a number of at least 0, got -1',
    ],
    [
      'with statistics of another kind',
      { match: 'head', frozen: true, batchStatistics: 'kept' as 'frozen' },
      'm: the parameter rule head: batchStatistics: expected one of frozen, updated, got "kept"',
    ],
    [
      'with a decay of NaN',
      { match: 'head', weightDecay: NaN },
      'm: the parameter rule head: weightDecay: expected a number of at least 0, got NaN',
    ],
    [
      'with an infinite factor',
      { match: 'head', lrFactor: Infinity },
      'lrFactor: expected a number of at least 0, got Infinity',
    ],
    [
      'that freezes everything',
      { match: '*', frozen: true },
      'm: every parameter is frozen: there is nothing to train',
    ],
  ])('%s is rejected in one line', async (_, rule, problem) => {
    const parameters = [rule];
    for (const run of [
      trained({ parameters }),
      fit(await options({ model: modelOf(model.layer), parameters })),
    ]) {
      await expect(run).rejects.toThrow(DataError);
      await expect(run).rejects.toMatchObject({ code: 'PARAMETER_RULE' });
      await expect(run).rejects.toThrow(problem);
      await expect(run).rejects.not.toThrow('\n');
    }
    expect(() => gradients(model, 1, { parameters })).toThrow(problem);
  });
});

describe('a frozen parameter', () => {
  it.each<[string, Partial<TrainerOptions>]>([
    ['whole', {}],
    ['in parts', { microBatchSize: 2 }],
  ])('does not change, and has no slots, average or gradient: %s', async (_, changes) => {
    const parameters = [{ match: 'body', frozen: true }];
    const optimizer = sgd({ momentum: 0.9, weightDecay: 0.1 });
    const run = await trained(
      { parameters, optimizer, movingAverage: { decay: 0.9 }, clipNorm: 1, ...changes },
      3,
    );
    const learnedNames = ['body2.w', 'body2.b', 'head.w', 'head.b'];
    const buffers = ['body.bn.mean', 'body.bn.variance'];
    expect(Object.keys(run.after).toSorted()).toEqual(
      [
        ...names,
        ...buffers,
        ...learnedNames.flatMap((name) => [`velocity/${name}`, `average/${name}`]),
      ].toSorted(),
    );
    for (const name of [...names, ...buffers]) {
      const still = name.startsWith('body.');
      expect(
        moved(run, name).every((by) => by === 0),
        name,
      ).toBe(still);
    }
    const result = await run.trainer.gradients(batch, { step: 3 });
    expect(Object.keys(result.gradients)).toEqual(learnedNames);
    expect(result.buffers).toEqual({});
    const outputs = gradients(model, 4, { parameters }).outputs.map(({ name }) => name);
    expect(outputs).toEqual(['loss', 'logits', ...learnedNames.map((name) => `grad/${name}`)]);
  });

  it('does not change the gradients of the others', async () => {
    const frozenBody: readonly ParameterRule[] = [
      { match: 'body', frozen: true, batchStatistics: 'updated' },
    ];
    const all = await (await trained({}, 0)).trainer.gradients(batch, { step: 0 });
    const { trainer } = await trained({ parameters: frozenBody }, 0);
    const some = await trainer.gradients(batch, { step: 0 });
    expect(some.loss).toBe(all.loss);
    for (const [name, gradient] of Object.entries(some.gradients)) {
      expect(gradient, name).toEqual(all.gradients[name]);
    }
  });
});

describe('batch statistics', () => {
  const running: Tensors = {
    'body.bn.mean': float32([4], [0.5, -0.5, 0.25, 0]),
    'body.bn.variance': float32([4], [2, 3, 0.5, 1]),
  };
  const lossOf = async (parameters: readonly ParameterRule[]): Promise<[number, Trained]> => {
    const values = { ...initialize(stateOf(model).parameters, he, 7), ...running };
    const run = await trained({ parameters, values });
    const { trainer: again } = await trained({ parameters, values }, 0);
    return [(await again.gradients(batch, { step: 0 })).loss, run];
  };

  it('of a frozen layer are the running ones, which do not change', async () => {
    const [loss, run] = await lossOf([{ match: 'body.bn', frozen: true }]);
    for (const name of Object.keys(running)) expect(run.after[name]).toEqual(run.before[name]);
    // By hand: dense, normalization with the running statistics, dense, dense.
    const at = (name: string, i: number): number => numbers(run.before, name)[i] ?? NaN;
    const fc = (name: string, x: readonly number[], out: number): number[] =>
      Array.from({ length: out }, (_, o) =>
        x.reduce((sum, value, i) => sum + value * weight(run.before[`${name}.w`], o, i, x.length), 0),
      ).map((value, o) => value + at(`${name}.b`, o));
    const losses = [0, 1, 2, 3].map((n) => {
      const x = Array.from(batch.inputs.data.subarray(n * 3, n * 3 + 3));
      const normal = fc('body.fc', x, 4).map(
        (value, c) => (value - at('body.bn.mean', c)) / Math.sqrt(at('body.bn.variance', c) + 1e-5),
      );
      const logits = fc('head', fc('body2', normal, 3), 2);
      const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
      return Math.log(total) - (logits[batch.labels.data[n] ?? -1] ?? NaN);
    });
    expect(loss).toBeCloseTo(losses.reduce((sum, value) => sum + value, 0) / 4, 6);
  });

  it('are updated with batchStatistics: updated, as without a rule', async () => {
    const [loss, run] = await lossOf([{ match: 'body.bn', frozen: true, batchStatistics: 'updated' }]);
    const [plainLoss, plain] = await lossOf([]);
    expect(loss).toBe(plainLoss);
    for (const name of Object.keys(running)) {
      expect(run.after[name]).toEqual(plain.after[name]);
      expect(run.after[name]).not.toEqual(run.before[name]);
    }
    expect(run.after['body.bn.scale']).toEqual(run.before['body.bn.scale']);
    const [frozenLoss] = await lossOf([{ match: 'body.bn', frozen: true }]);
    expect(frozenLoss).not.toBeCloseTo(plainLoss, 3);
  });

  it('are those of the batch if the layer is only partly frozen', async () => {
    const [loss, run] = await lossOf([{ match: 'body.bn.b', frozen: true }]);
    const [plainLoss] = await lossOf([]);
    expect(loss).toBe(plainLoss);
    expect(run.after['body.bn.mean']).not.toEqual(run.before['body.bn.mean']);
  });
});

/**
 * Returns the weight from input i to output o. `w` is stored as `[in, out]` or `[out, in]`; its shape determines which,
 * unless it is square.
 */
function weight(w: Tensor | undefined, o: number, i: number, inputs: number): number {
  if (!w) return NaN;
  const outputs = w.data.length / inputs;
  return w.data[w.shape[0] === outputs ? o * inputs + i : i * outputs + o] ?? NaN;
}

describe('a frozen layer', () => {
  it('still applies dropout', async () => {
    const dropping = modelOf(
      sequential({ body: sequential({ fc: dense(8), drop: dropout(0.5) }), head: dense(2) }),
    );
    const { trainer } = await trained({ model: dropping, parameters: [{ match: 'body', frozen: true }] }, 0);
    const losses = await Promise.all(
      [0, 1, 2].map(async (step) => (await trainer.gradients(batch, { step })).loss),
    );
    expect(new Set(losses).size).toBe(3);
  });
});

describe('lrFactor', () => {
  it('0.5 halves the update of plain SGD exactly, and 0 removes it', async () => {
    // Starting from zero, a parameter equals its update.
    const values = {
      ...initialize(stateOf(model).parameters, he, 7),
      'head.w': float32(stateOf(model).parameters.find(({ name }) => name === 'head.w')?.shape ?? []),
    };
    const plain = await trained({ values });
    const half = await trained({ values, parameters: [{ match: 'head', lrFactor: 0.5 }] });
    expect(numbers(half.after, 'head.w')).toEqual(numbers(plain.after, 'head.w').map((by) => by / 2));
    expect(numbers(plain.after, 'head.w').every((by) => by !== 0)).toBe(true);
    expect(half.after['body2.w']).toEqual(plain.after['body2.w']);
    const still = await trained({ parameters: [{ match: 'head', lrFactor: 0 }] });
    expect(still.after['head.w']).toEqual(still.before['head.w']);
    expect(still.after['body2.w']).not.toEqual(still.before['body2.w']);
  });

  it.each(['whole', 'in parts'])('with Adam scales the rate of this parameter: %s', async (how) => {
    const parts = how === 'whole' ? {} : { microBatchSize: 2 };
    const optimizer = adam({ weightDecay: 0.01 });
    const slow = await trained({ ...parts, optimizer, parameters: [{ match: 'body2', lrFactor: 0.25 }] });
    const plain = await trained({ ...parts, optimizer });
    const slower = await trained({ ...parts, optimizer }, 1, 0.125);
    for (const name of names) {
      const expected = name.startsWith('body2') ? slower : plain;
      expect(slow.after[name], name).toEqual(expected.after[name]);
    }
    expect(slow.after['square/body2.w']).toEqual(plain.after['square/body2.w']);
  });

  it('needs an optimizer with a learning rate', async () => {
    const optimizer = {
      ...sgd(),
      name: 'mine',
      scalars: ['rate'],
      scalarsAt: (_: number, lr: number) => ({ rate: lr }),
    };
    const run = trained({ optimizer, parameters: [{ match: '*', lrFactor: 0.5 }] });
    await expect(run).rejects.toThrow('optimizer "mine" has no scalar lr for a parameter\'s lrFactor');
  });
});

describe('weightDecay', () => {
  it('of a rule overrides the optimizer, even for biases', async () => {
    const start = { ...initialize(stateOf(model).parameters, he, 7), 'head.b': float32([2], [4, -8]) };
    const run = (parameters: readonly ParameterRule[], weightDecay: number): Promise<Trained> =>
      trained({ values: start, optimizer: sgd({ weightDecay }), parameters }, 1, 0.5);
    const plain = await run([], 0);
    const decayed = await run([{ match: 'head', weightDecay: 0.25 }], 0);
    // The decay removes lr * decay = 1/8 of each value.
    const further = (name: string): number[] =>
      numbers(decayed.after, name).map((value, i) => value - (numbers(plain.after, name)[i] ?? NaN));
    const eighth = (name: string): unknown[] =>
      numbers(plain.before, name).map((value) => expect.closeTo(-value / 8, 12) as unknown);
    for (const name of ['head.w', 'head.b']) expect(further(name)).toEqual(eighth(name));
    expect(further('body2.w').every((by) => by === 0)).toBe(true);

    const kept = await run([{ match: 'head', weightDecay: 0 }], 0.25);
    expect(kept.after['head.w']).toEqual(plain.after['head.w']);
    expect(kept.after['body2.w']).not.toEqual(plain.after['body2.w']);
  });
});

describe('fit', () => {
  it('does not change frozen parameters, and resumes bit for bit', async () => {
    const parameters = [{ match: 'c1', frozen: true }];
    const whole = await fit(await options({ epochs: 2, parameters }));
    const drawn = initialize(stateOf(tiny).parameters, he, 3);
    const after = await whole.trainer.snapshot();
    expect(numbers(after, 'c1.w')).toEqual(numbers(drawn, 'c1.w'));
    expect(numbers(after, 'c2.w')).not.toEqual(numbers(drawn, 'c2.w'));
    const signal = { aborted: false };
    const onStep = ({ step }: { readonly step: number }): void => void (signal.aborted ||= step === 1);
    const part = await fit(await options({ epochs: 2, parameters, signal, onStep }));
    expect([part.finished, part.step]).toEqual([false, 2]);
    const resume = part.checkpoint;
    const rest = await fit(await options({ epochs: 2, parameters, resume }));
    expect(await rest.trainer.snapshot()).toEqual(after);
  });
});

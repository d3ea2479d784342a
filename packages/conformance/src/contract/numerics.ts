// What a device claims about its numbers, and what training relies on.
import type { Graph, Model, Tensors, Value } from '@isonet/core';
import {
  conv2d,
  flatten,
  float32,
  globalAvgPool2d,
  grad,
  GraphBuilder,
  int32,
  scalar,
  sequential,
  sgd,
  notHalted,
  slotName,
  stateOf,
  step,
  typeOf,
} from '@isonet/core';
import { plain } from '../cases/convolutions.ts';
import { compare, returnedType, the } from '../check/compare.ts';
import { reals } from '../case/data.ts';
import { boundsOf, referenceDevice, runOnce } from '../oracle.ts';
import type { Check } from '../check/check.ts';
import { scenario } from './scenario.ts';

const asTheyLie = { transposeA: false, transposeB: false };

const weights: Tensors = {
  w1: reals('w1', [6, 3, 3, 3]),
  b1: reals('b1', [6]),
  w2: reals('w2', [5, 6, 1, 1]),
  b2: reals('b2', [5]),
};
const feedsOf = (size: number): Tensors => ({ images: reals('images', [4, 3, size, size], 0, 1) });

/** `images: [4, 3, size, size] -> logits: [4, 5], loss: []`, two convolutions; the weights are state. */
function classifier(size: number): Graph {
  const b = new GraphBuilder('classifier');
  const images = b.input('images', { dtype: 'float32', shape: [4, 3, size, size] });
  const weight = (name: string): Value => b.state(name, the(weights, name));
  const first = b.op.conv2d(images, weight('w1'), { ...plain, strides: [2, 2] });
  const hidden = b.op.relu(b.op.biasAdd(first, weight('b1')));
  const channels = b.op.biasAdd(b.op.conv2d(hidden, weight('w2'), plain), weight('b2'));
  const logits = b.op.reshape(b.op.globalAvgPool2d(channels), { shape: [4, 5] });
  b.output('logits', logits);
  const squares = b.op.reduceSum(b.op.mul(logits, logits), { axes: [0, 1] });
  b.output('loss', b.op.reshape(squares, { shape: [] }));
  return b.build();
}

/** Sums of thousands of terms in the gradients, in an order that a device must keep if it says so. */
const reproducible = scenario(
  'contract/same-bits-twice',
  async (device, findings) => {
    const graph = grad(classifier(65), 'loss', Object.keys(weights));
    const feeds = feedsOf(65);
    await using state = await device.createState(weights);
    await using program = await device.compile(graph);
    await using again = await device.compile(graph);
    const first = await program.run(state, feeds).read();
    const second = await program.run(state, feeds).read();
    const compiledAnew = await again.run(state, feeds).read();
    for (const [name, { data }] of Object.entries(first)) {
      findings.equal('the second run', second, name, data);
      findings.equal('a second program', compiledAnew, name, data);
    }
    findings.holds('a second program has the same plan', program.plan.id === again.plan.id);
  },
  ({ reproducible: claimed }) => claimed || 'the device does not claim to be reproducible',
);

const frozen = scenario('contract/frozen', async (device, findings) => {
  const graph = classifier(9);
  const feeds = feedsOf(9);
  const expected = await runOnce(await referenceDevice(), graph, weights, feeds);
  const bounds = await boundsOf(graph, weights, feeds);
  await using state = await device.createState(weights);
  await using live = await device.compile(graph);
  await using baked = await device.compile(graph, { frozen: state });
  for (const [what, program] of Object.entries({ live, frozen: baked })) {
    const outputs = await program.run(state, feeds).read();
    for (const { name, value } of graph.outputs) {
      const type = returnedType(typeOf(graph, value), device.numerics.float32.heldAs);
      findings.add(
        `${what}: ${name}`,
        compare(outputs[name], type, the(expected, name).data, the(bounds, name).data),
      );
    }
  }
});

const tiny: Model = {
  name: 'tiny',
  input: { name: 'images', shape: [1, 5, 5] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    conv: conv2d(3, { kernel: 3, batchNorm: true }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};

/**
 * A NaN must reach neither weights nor slots nor running statistics: the step's own gate keeps the state as it was, and the
 * steps that were started after it change nothing either.
 */
const gated = scenario('contract/non-finite-step-changes-nothing', async (device, findings) => {
  const { parameters, buffers } = stateOf(tiny);
  const slots = parameters.map(({ name, shape }) => ({ name: slotName('velocity', name), shape }));
  const values = Object.fromEntries(
    [...parameters, ...buffers, ...slots].map(({ name, shape }) => [name, reals(name, shape)]),
  );
  await using state = await device.createState({ ...values, ...notHalted() });
  await using program = await device.compile(step(tiny, 2, sgd({ momentum: 0.5 })));
  const run = (images: Float32Array): Promise<Tensors> =>
    program
      .run(state, { images: float32([2, 1, 5, 5], images), labels: int32([2], [0, 2]), lr: scalar(0.1) })
      .read();

  const { data: good } = reals('images', [2, 1, 5, 5], 0, 1);
  for (const bad of [NaN, Infinity]) {
    findings.equal(`a pixel that is ${bad}`, await run(good.with(12, bad)), 'finite', [0]);
    findings.equal(`a good batch after a pixel that is ${bad}`, await run(good), 'finite', [0]);
    const after = await state.read();
    for (const [name, { data }] of Object.entries(values))
      findings.equal(`after a pixel that is ${bad}`, after, name, data);
    await state.write(notHalted());
  }
  findings.equal('a good batch once training is no longer halted', await run(good), 'finite', [1]);
  const after = await state.read();
  for (const [name, { data }] of Object.entries(values)) {
    findings.holds(
      `a good batch changes ${name}`,
      the(after, name).data.some((value, i) => value !== data[i]),
    );
  }
});

/** 2^-126 is the smallest normal float32. */
const subnormals = scenario(
  'contract/subnormals',
  async (device, findings) => {
    const b = new GraphBuilder('subnormals');
    const x = b.input('x', { dtype: 'float32', shape: [2] });
    const image = b.op.reshape(x, { shape: [1, 1, 1, 2] });
    b.output('halved', b.op.mul(x, b.fill(0.5, [2])));
    b.output('a quotient', b.op.div(x, b.fill(2, [2])));
    b.output('doubled', b.op.add(x, x));
    b.output('the larger', b.op.max(x, b.fill(-1, [2])));
    b.output('a sum', b.op.reduceSum(x, { axes: [0] }));
    b.output(
      'a product of matrices',
      b.op.matMul(b.fill(0.5, [1, 2]), b.op.reshape(x, { shape: [2, 1] }), asTheyLie),
    );
    b.output('a convolution', b.op.conv2d(image, b.fill(0.5, [1, 1, 1, 1]), plain));
    const [normal, below] = [2 ** -126, -(2 ** -140)];
    const outputs = await runOnce(device, b.build(), {}, { x: float32([2], [normal, below]) });
    findings.equal('a subnormal result', outputs, 'halved', [normal / 2, below / 2]);
    findings.equal('a subnormal result', outputs, 'a quotient', [normal / 2, below / 2]);
    findings.equal('a subnormal operand', outputs, 'doubled', [2 * normal, 2 * below]);
    findings.equal('a subnormal operand', outputs, 'the larger', [normal, below]);
    findings.equal('a subnormal term', outputs, 'a sum', [normal + below]);
    findings.equal('subnormal terms', outputs, 'a product of matrices', [(normal + below) / 2]);
    findings.equal('subnormal products', outputs, 'a convolution', [normal / 2, below / 2]);
  },
  (claims) => claims.subnormals || 'the device does not claim subnormals',
);

const nonFinite = scenario(
  'contract/infinities-and-nan',
  async (device, findings) => {
    const b = new GraphBuilder('infinities');
    const [zero, infinity] = [b.input('zero', float32([1])), b.state('infinity', float32([1]))];
    const nan = b.op.div(zero, zero);
    const as = (shape: readonly number[], x: Value, y: Value): Value =>
      b.op.reshape(b.op.concat(x, y, { axis: 0 }), { shape });
    const truth = (condition: Value): Value => b.op.cast(condition, { to: 'float32' });
    const expected: readonly (readonly [string, Value, number])[] = [
      ['1 / 0', b.op.div(b.fill(1, [1]), zero), Infinity],
      ['0 / 0', nan, NaN],
      ['log 0', b.op.log(zero), -Infinity],
      ['exp 1000', b.op.exp(b.op.add(zero, b.fill(1000, [1]))), Infinity],
      ['exp -infinity', b.op.exp(b.op.sub(zero, infinity)), 0],
      ['infinity - infinity', b.op.sub(infinity, infinity), NaN],
      ['infinity * 0', b.op.mul(infinity, zero), NaN],
      ['sqrt infinity', b.op.sqrt(infinity), Infinity],
      ['sqrt -1', b.op.sqrt(b.op.sub(zero, b.fill(1, [1]))), NaN],
      ['exp NaN', b.op.exp(nan), NaN],
      ['log NaN', b.op.log(nan), NaN],
      ['erf infinity', b.op.erf(infinity), 1],
      ['erf NaN', b.op.erf(nan), NaN],
      ['tanh -infinity', b.op.tanh(b.op.sub(zero, infinity)), -1],
      ['tanh NaN', b.op.tanh(nan), NaN],
      [
        'a sum with infinity',
        b.op.reduceSum(b.op.concat(zero, infinity, { axis: 0 }), { axes: [0] }),
        Infinity,
      ],
      ['a sum with NaN', b.op.reduceSum(b.op.concat(zero, nan, { axis: 0 }), { axes: [0] }), NaN],
      ['a product of matrices', b.op.matMul(as([1, 2], zero, nan), as([2, 1], zero, zero), asTheyLie), NaN],
      [
        'a convolution',
        b.op.conv2d(as([1, 1, 1, 2], zero, infinity), b.fill(1, [1, 1, 1, 2]), plain),
        Infinity,
      ],
      ['an average', b.op.globalAvgPool2d(as([1, 1, 1, 2], zero, nan)), NaN],
      [
        'softmax with -infinity',
        b.op.slice(b.op.softmax(as([1, 2], zero, b.op.sub(zero, infinity)), { axis: 1 }), {
          starts: [0, 1],
          sizes: [1, 1],
        }),
        0,
      ],
      [
        'softmax with NaN',
        b.op.reduceSum(b.op.softmax(as([1, 2], zero, nan), { axis: 1 }), { axes: [1] }),
        NaN,
      ],
      ['what select leaves', b.op.select(b.op.greater(infinity, zero), zero, nan), 0],
      ['NaN = NaN', truth(b.op.equal(nan, nan)), 0],
      ['NaN > 0', truth(b.op.greater(nan, zero)), 0],
      ['infinity = infinity', truth(b.op.equal(infinity, infinity)), 1],
    ];
    for (const [name, value] of expected) b.output(name, value);
    const state = { infinity: float32([1], [Infinity]) };
    const outputs = await runOnce(device, b.build(), state, { zero: float32([1], [0]) });
    for (const [name, , value] of expected) findings.equal('float32 arithmetic', outputs, name, [value]);
  },
  (claims) => claims.nonFinite || 'the device does not claim infinities and NaN',
);

export const numericScenarios: readonly Check[] = [reproducible, frozen, gated, subnormals, nonFinite];

// Scenarios of arithmetic: the claims of a device, and the properties that training relies on.
import type { Graph, Model, Tensors, Value } from '@isonet/core';
import {
  conv2d,
  flatten,
  float32,
  globalAvgPool2d,
  grad,
  GraphBuilder,
  int32,
  notHalted,
  scalar,
  sequential,
  sgd,
  slotName,
  stateOf,
  step,
  typeOf,
} from '@isonet/core';
import { reals } from '../case/data.ts';
import { plain } from '../cases/convolutions.ts';
import type { Check } from '../check/check.ts';
import { compare, returnedType, tensorNamed } from '../check/compare.ts';
import { boundsOf, referenceDevice, runOnce } from '../oracle.ts';
import { allEqual, scenario } from './scenario.ts';

const untransposed = { transposeA: false, transposeB: false };

const weights: Tensors = {
  w1: reals('w1', [6, 3, 3, 3]),
  b1: reals('b1', [6]),
  w2: reals('w2', [5, 6, 1, 1]),
  b2: reals('b2', [5]),
};
const feedsOf = (size: number): Tensors => ({ images: reals('images', [4, 3, size, size], 0, 1) });

/** `images: [4, 3, size, size] -> logits: [4, 5], loss: []`, two convolutions whose weights are state. */
function classifier(size: number): Graph {
  const b = new GraphBuilder('classifier');
  const images = b.input('images', { dtype: 'float32', shape: [4, 3, size, size] });
  const weight = (name: string): Value => b.state(name, tensorNamed(weights, name));
  const first = b.op.conv2d(images, weight('w1'), { ...plain, strides: [2, 2] });
  const hidden = b.op.relu(b.op.biasAdd(first, weight('b1')));
  const channels = b.op.biasAdd(b.op.conv2d(hidden, weight('w2'), plain), weight('b2'));
  const logits = b.op.reshape(b.op.globalAvgPool2d(channels), { shape: [4, 5] });
  b.output('logits', logits);
  const squares = b.op.reduceSum(b.op.mul(logits, logits), { axes: [0, 1] });
  b.output('loss', b.op.reshape(squares, { shape: [] }));
  return b.build();
}

/** The gradients sum thousands of terms. A device that claims to be reproducible adds them in the same order every time. */
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
    const compiledAgain = await again.run(state, feeds).read();
    for (const [name, { data }] of Object.entries(first)) {
      findings.equal('a second run of the same program', second, name, data);
      findings.equal('a second program of the same graph', compiledAgain, name, data);
    }
    findings.holds(
      'a second program of the same graph has the same plan id',
      program.plan.id === again.plan.id,
    );
  },
  {
    name: 'reproducible',
    made: (claims) => claims.reproducible || 'the device does not claim to be reproducible',
  },
);

const frozen = scenario('contract/frozen', async (device, findings) => {
  const graph = classifier(9);
  const feeds = feedsOf(9);
  const expected = await runOnce(await referenceDevice(), graph, weights, feeds);
  const bounds = await boundsOf(graph, weights, feeds);
  await using state = await device.createState(weights);
  await using live = await device.compile(graph);
  await using baked = await device.compile(graph, { frozen: state });
  for (const [what, program] of Object.entries({ 'not frozen': live, frozen: baked })) {
    const outputs = await program.run(state, feeds).read();
    for (const { name, value } of graph.outputs) {
      const type = returnedType(typeOf(graph, value), device.numerics.float32.heldAs);
      const difference = compare(
        outputs[name],
        type,
        tensorNamed(expected, name).data,
        tensorNamed(bounds, name).data,
      );
      findings.add(`a program with weights that are ${what}: ${name}`, difference);
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
 * A NaN must not reach weights, slots or running statistics: the gate in the step keeps the state unchanged, and so does every
 * later step until `halted` is reset.
 */
const gated = scenario('contract/non-finite-step-changes-nothing', async (device, findings) => {
  const { parameters, buffers } = stateOf(tiny);
  const slots = parameters.map(({ name, shape }) => ({ name: slotName('velocity', name), shape }));
  const values = Object.fromEntries(
    [...parameters, ...buffers, ...slots].map(({ name, shape }) => [name, reals(name, shape)]),
  );
  const before = Object.fromEntries(Object.entries(values).map(([name, { data }]) => [name, data]));
  await using state = await device.createState({ ...values, ...notHalted() });
  await using program = await device.compile(step(tiny, 2, sgd({ momentum: 0.5 })));
  const run = (images: Float32Array): Promise<Tensors> =>
    program
      .run(state, { images: float32([2, 1, 5, 5], images), labels: int32([2], [0, 2]), lr: scalar(0.1) })
      .read();

  const { data: good } = reals('images', [2, 1, 5, 5], 0, 1);
  for (const bad of [NaN, Infinity]) {
    findings.equal(`a step with a pixel of ${bad}`, await run(good.with(12, bad)), 'finite', [0]);
    findings.equal(`a correct step after a pixel of ${bad}`, await run(good), 'finite', [0]);
    allEqual(findings, `the state after a pixel of ${bad}`, await state.read(), before);
    await state.write(notHalted());
  }
  findings.equal('a step after `halted` was reset', await run(good), 'finite', [1]);
  const after = await state.read();
  for (const [name, data] of Object.entries(before)) {
    const isChanged = tensorNamed(after, name).data.some((value, i) => value !== data[i]);
    findings.holds(`a step after \`halted\` was reset changes ${name}`, isChanged);
  }
});

/** The name of an output, its value, and the expected elements. */
type Result = readonly [name: string, value: Value, expected: readonly number[]];

/** 2^-126 is the smallest normal float32. */
const subnormals = scenario(
  'contract/subnormals',
  async (device, findings) => {
    const b = new GraphBuilder('subnormals');
    const x = b.input('x', { dtype: 'float32', shape: [2] });
    const image = b.op.reshape(x, { shape: [1, 1, 1, 2] });
    const [normal, below] = [2 ** -126, -(2 ** -140)];
    const halved = [normal / 2, below / 2];
    const matMul = (y: Value): Value => b.op.matMul(y, b.op.reshape(x, { shape: [2, 1] }), untransposed);
    const results: readonly Result[] = [
      ['halved', b.op.mul(x, b.fill(0.5, [2])), halved],
      ['a quotient', b.op.div(x, b.fill(2, [2])), halved],
      ['doubled', b.op.add(x, x), [2 * normal, 2 * below]],
      ['a maximum', b.op.max(x, b.fill(-1, [2])), [normal, below]],
      ['a sum', b.op.reduceSum(x, { axes: [0] }), [normal + below]],
      ['a product of matrices', matMul(b.fill(0.5, [1, 2])), [(normal + below) / 2]],
      ['a convolution', b.op.conv2d(image, b.fill(0.5, [1, 1, 1, 1]), plain), halved],
    ];
    for (const [name, value] of results) b.output(name, value);
    const outputs = await runOnce(device, b.build(), {}, { x: float32([2], [normal, below]) });
    for (const [name, , expected] of results) findings.equal('subnormal arithmetic', outputs, name, expected);
  },
  {
    name: 'subnormals',
    made: (claims) => claims.subnormals || 'the device does not claim subnormals',
  },
);

const nonFinite = scenario(
  'contract/infinities-and-nan',
  async (device, findings) => {
    const b = new GraphBuilder('infinities');
    const { op } = b;
    const [zero, infinity] = [b.input('zero', float32([1])), b.state('infinity', float32([1]))];
    const nan = op.div(zero, zero);
    const join = (x: Value, y: Value): Value => op.concat(x, y, { axis: 0 });
    const as = (shape: readonly number[], x: Value, y: Value): Value => op.reshape(join(x, y), { shape });
    const sum = (x: Value, axis = 0): Value => op.reduceSum(x, { axes: [axis] });
    const softmax = (y: Value): Value => op.softmax(as([1, 2], zero, y), { axis: 1 });
    const second = (x: Value): Value => op.slice(x, { starts: [0, 1], sizes: [1, 1] });
    const matMul = (x: Value, y: Value): Value => op.matMul(x, y, untransposed);
    const image = (y: Value): Value => as([1, 1, 1, 2], zero, y);
    const truth = (condition: Value): Value => op.cast(condition, { to: 'float32' });
    const results: readonly Result[] = [
      ['1 / 0', op.div(b.fill(1, [1]), zero), [Infinity]],
      ['0 / 0', nan, [NaN]],
      ['log 0', op.log(zero), [-Infinity]],
      ['exp 1000', op.exp(op.add(zero, b.fill(1000, [1]))), [Infinity]],
      ['exp -infinity', op.exp(op.sub(zero, infinity)), [0]],
      ['infinity - infinity', op.sub(infinity, infinity), [NaN]],
      ['infinity * 0', op.mul(infinity, zero), [NaN]],
      ['sqrt infinity', op.sqrt(infinity), [Infinity]],
      ['sqrt -1', op.sqrt(op.sub(zero, b.fill(1, [1]))), [NaN]],
      ['exp NaN', op.exp(nan), [NaN]],
      ['log NaN', op.log(nan), [NaN]],
      ['erf infinity', op.erf(infinity), [1]],
      ['erf NaN', op.erf(nan), [NaN]],
      ['tanh -infinity', op.tanh(op.sub(zero, infinity)), [-1]],
      ['tanh NaN', op.tanh(nan), [NaN]],
      ['a sum with infinity', sum(join(zero, infinity)), [Infinity]],
      ['a sum with NaN', sum(join(zero, nan)), [NaN]],
      ['a product of matrices', matMul(as([1, 2], zero, nan), as([2, 1], zero, zero)), [NaN]],
      ['a convolution', op.conv2d(image(infinity), b.fill(1, [1, 1, 1, 2]), plain), [Infinity]],
      ['an average', op.globalAvgPool2d(image(nan)), [NaN]],
      ['softmax with -infinity', second(softmax(op.sub(zero, infinity))), [0]],
      ['softmax with NaN', sum(softmax(nan), 1), [NaN]],
      ['select of 0 rather than NaN', op.select(op.greater(infinity, zero), zero, nan), [0]],
      ['NaN = NaN', truth(op.equal(nan, nan)), [0]],
      ['NaN > 0', truth(op.greater(nan, zero)), [0]],
      ['infinity = infinity', truth(op.equal(infinity, infinity)), [1]],
    ];
    for (const [name, value] of results) b.output(name, value);
    const state = { infinity: float32([1], [Infinity]) };
    const outputs = await runOnce(device, b.build(), state, { zero: float32([1], [0]) });
    for (const [name, , expected] of results)
      findings.equal('non-finite arithmetic', outputs, name, expected);
  },
  {
    name: 'nonFinite',
    made: (claims) => claims.nonFinite || 'the device does not claim infinities and NaN',
  },
);

export const numericScenarios: readonly Check[] = [reproducible, frozen, gated, subnormals, nonFinite];

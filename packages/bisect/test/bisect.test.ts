// The search reports no difference on a correct device, and names the right node when a kernel of a real backend is replaced
// by a wrong one.
import { reference } from '@isonet/backend-reference';
import type { Device, Graph, ImageClassifier, Node, OpName, Value } from '@isonet/core';
import {
  avgPool2d,
  BackendError,
  dropout,
  flatten,
  globalAvgPool2d,
  GraphBuilder,
  maxPool2d,
  sequential,
} from '@isonet/core';
import { nin, ninBlock } from '@isonet/models';
import { describe, expect, it } from 'vitest';
import { bisect } from '../src/bisect.ts';
import type { Finding } from '../src/finding.ts';
import { findingLines } from '../src/finding.ts';
import type { Problem } from '../src/problem.ts';
import { trainingProblem } from '../src/problem.ts';
import { nodesText } from '../src/text.ts';
import { reals } from '../../conformance/src/case/data.ts';
import { float32Device, mutatedDevice } from '../../conformance/test/mutation/device.ts';
import type { Rewrite } from '../../conformance/test/rewriting.ts';
import { rewriting } from '../../conformance/test/rewriting.ts';
import { forwarded } from '../../conformance/src/forwarded.ts';
import { droppedTap, faults, faultyOnnx, lastMaximum } from './faultyOnnx.ts';

/** Returns a network of two blocks and a head, for 8x8 images. */
function small(batchNorm = false): ImageClassifier {
  return {
    name: 'small',
    input: { name: 'images', shape: [1, 8, 8] },
    output: { name: 'logits', shape: [5] },
    layer: sequential({
      b1: ninBlock(6, 3, 1, 1, { batchNorm }),
      pool1: maxPool2d({ kernel: 2, stride: 1 }),
      b2: ninBlock(8, 3, 1, 1, { batchNorm }),
      pool2: avgPool2d({ kernel: 3, stride: 2, padding: 1 }),
      drop: dropout(0.5),
      b3: ninBlock(5, 1, 1, 0),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

async function search(device: Device, problem: Problem): Promise<Finding | undefined> {
  return (await searchWithLines(device, problem)).finding;
}

/** Runs a search; returns its finding and its progress lines. */
async function searchWithLines(
  device: Device,
  problem: Problem,
): Promise<{ readonly finding: Finding | undefined; readonly lines: readonly string[] }> {
  await using opened = device;
  const lines: string[] = [];
  const { finding } = await bisect(opened, problem, (line) => lines.push(line));
  return { finding, lines };
}

/** Returns the number of the last node in each line of this form: `nodes 1 to 50 of 105, each alone: right`. */
function lastNodes(lines: readonly string[], form: RegExp): readonly number[] {
  return lines
    .filter((line) => form.test(line))
    .map((line) => Number(/^nodes? (?:1 to )?(\d+)/.exec(line)?.[1]));
}

describe('on a correct device', () => {
  it.each([
    ['the small network', small()],
    ['with batch norm', small(true)],
    ['nin', nin()],
  ])('%s: every node is right on ONNX Runtime', async (_, model) => {
    expect(await search(await faultyOnnx({}), trainingProblem(model))).toBeUndefined();
  });

  it('rounding to float32 is not an error', async () => {
    expect(await search(await float32Device(), trainingProblem(small()))).toBeUndefined();
  });
});

describe('a fault in one layer of ONNX Runtime', () => {
  const problem = trainingProblem(small());
  it.each(faults.map((fault) => [fault.what, fault] as const))(
    '%s',
    async (_, { kernels, found, unread }) => {
      const { finding, lines } = await searchWithLines(await faultyOnnx(kernels), problem);
      expect(finding && nodesText(problem.graph, finding.nodes)).toMatch(found);
      const wrong = (finding?.nodes.at(-1) ?? NaN) + 1;
      // No line calls a node right if that node is wrong by itself.
      const right = lastNodes(lines, /: right$/);
      expect(right.filter((last) => finding?.kind === 'alone' && last >= wrong)).toEqual([]);
      // The shortest prefix in which something wrong was read ends with the wrong node.
      const narrowed = Math.min(...lastNodes(lines, / compiled together: .* \d+ off by more than rounding$/));
      expect(narrowed).toBe(unread ? Infinity : wrong);
    },
  );

  it('leaves no trace in the results read, and no line calls its node right', async () => {
    const { finding, lines } = await searchWithLines(await faultyOnnx(lastMaximum('pool1')), problem);
    expect(finding).toMatchObject({ nodes: [90], layer: 'pool1', phase: 'backward' });
    expect(lines).toEqual([
      'nodes 1 to 105, compiled together: 30 results read, none off by more than rounding',
      'nodes 1 to 50 of 105, each alone: right',
    ]);
  });

  it('is found in nin', async () => {
    const whole = trainingProblem(nin());
    const finding = await search(await faultyOnnx(droppedTap('nin3.c1')), whole);
    expect(finding && findingLines(whole.graph, finding)[0]).toBe(
      'nin3.c1 (conv2d, node 21 of 131, forward): wrong by itself',
    );
  });
});

/** Returns a device of the reference that runs rewritten graphs. */
async function rewritten(rewrite: Rewrite): Promise<Device> {
  return rewriting(await reference.open(), rewrite);
}

function isForward({ op, origin }: Node, which: OpName, layer: string): boolean {
  return op === which && origin.layer === layer && origin.phase === 'forward';
}

const biasless: Rewrite = (_, node, [x]) => (isForward(node, 'biasAdd', 'b2.c1') && x ? [x] : undefined);

/** Returns the number of images in each value that the reproduction is fed. */
function imagesOf(finding: Finding | undefined): readonly (number | undefined)[] {
  return Object.values(finding?.smallest?.trial.feeds ?? {}).map(({ shape: [images] }) => images);
}

describe('a search', () => {
  it('names the first of two wrong nodes', async () => {
    const both: Rewrite = (b, node, inputs) =>
      isForward(node, 'relu', 'b1.c2') ? inputs : biasless(b, node, inputs);
    const problem = trainingProblem(small());
    const finding = await search(await rewritten(both), problem);
    expect(finding && nodesText(problem.graph, finding.nodes)).toMatch(/^b1\.c2 \(relu, /);
  });

  it('detects TF32 in a sum that is too long for its bound', async () => {
    const b = new GraphBuilder('sum');
    const [x, y] = [reals('x', [8, 2048]), reals('y', [2048, 8])];
    b.output('z', b.op.matMul(b.input('x', x), b.input('y', y), { transposeA: false, transposeB: false }));
    const device = await mutatedDevice('matMul: inputs in TF32');
    const finding = await search(device, { graph: b.build(), state: {}, feeds: { x, y } });
    expect(finding?.judgement.off).toBe(0);
    expect(finding?.judgement.ratio).toBeGreaterThan(2);
  });

  it('reproduces an error on one image, or on two if it needs two', async () => {
    const secondImage: Rewrite = (b, node, [x]) => {
      if (!isForward(node, 'relu', 'b2.c1') || !x || x.shape[0] === 1) return undefined;
      const [, ...image] = x.shape;
      const part = (at: number): Value => b.op.slice(x, { starts: [at, 0, 0, 0], sizes: [1, ...image] });
      return [b.op.concat(b.op.relu(part(0)), part(1), { axis: 0 })];
    };
    const problem = trainingProblem(small());
    const one = await search(await rewritten(biasless), problem);
    expect(imagesOf(one)).toEqual([1]);
    const two = await search(await rewritten(secondImage), problem);
    expect(imagesOf(two)).toEqual([2]);
  });

  it('finds a node that is wrong only when compiled together with a later one', async () => {
    const leaky: Rewrite = (b, node, [x]) =>
      isForward(node, 'relu', 'b1.c2') && x ? [b.op.leakyRelu(x, { alpha: 0.25 })] : undefined;
    const honest = await reference.open();
    const faulty = rewriting(honest, leaky);
    const has = ({ nodes }: Graph, op: OpName, layer: string): boolean =>
      nodes.some((node) => isForward(node, op, layer));
    const compile: Device['compile'] = (graph) =>
      (has(graph, 'relu', 'b1.c2') && has(graph, 'conv2d', 'b1.c3') ? faulty : honest).compile(graph);
    const problem = trainingProblem(small());
    const finding = await search({ ...forwarded(honest), compile }, problem);
    expect(finding && nodesText(problem.graph, finding.nodes)).toBe(
      `b1.c2, b1.c3 (relu + conv2d, nodes 6, 7 of ${problem.graph.nodes.length}, forward)`,
    );
  });

  it('finds an error that occurs only when nothing but the outputs is read', async () => {
    const honest = await reference.open();
    const faulty = rewriting(honest, biasless);
    const compile: Device['compile'] = (graph) =>
      (graph.outputs.some(({ name }) => name === 'loss') ? faulty : honest).compile(graph);
    const finding = await search({ ...forwarded(honest), compile }, trainingProblem(small()));
    expect(finding?.kind).toBe('whole');
  });

  it('names the node that fails', async () => {
    const honest = await reference.open();
    const compile: Device['compile'] = (graph, options) =>
      graph.nodes.some((node) => isForward(node, 'biasAdd', 'b2.c1'))
        ? Promise.reject(new BackendError('COMPILE', 'a shader does not link'))
        : honest.compile(graph, options);
    await expect(search({ ...forwarded(honest), compile }, trainingProblem(small()))).rejects.toThrow(
      /^b2\.c1 \(biasAdd, node \d+ of \d+, forward\) fails by itself: a shader does not link$/,
    );
  });

  it('reports an error that does not occur a second time', async () => {
    const honest = await reference.open();
    const faulty = rewriting(honest, biasless);
    let ops = 0;
    const compile: Device['compile'] = (graph) => {
      if (graph.nodes.length === 1) ops++;
      return (ops === 0 ? faulty : honest).compile(graph);
    };
    const problem = trainingProblem(small());
    const finding = await search({ ...forwarded(honest), compile }, problem);
    expect(finding?.kind).toBe('once');
    expect(finding && nodesText(problem.graph, finding.nodes)).toMatch(/^b2\.c1 \(biasAdd, /);
  });
});

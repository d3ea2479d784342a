// The checks of whole networks: that the pieces are cut where they should be, and that both tiers convict the faulty layer and
// let an honest float32 device pass.
import type { Device, Model, Node, Tensors } from '@isonet/core';
import { float32, gradients, int32, nodeText, originText, stateOf, uint32, xavier } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { describe, expect, it } from 'vitest';
import type { Check } from '../src/index.ts';
import { withKernel, wrongKernels } from '../src/index.ts';
import { roundedToFloat32 } from './mutation/wrongKernels.ts';
import { the } from '../src/check/compare.ts';
import { reals } from '../src/case/data.ts';
import type { Replace } from './mutation/devices.ts';
import { crossings, piecesOf } from '../src/networks/pieces.ts';
import { modelChecks } from '../src/networks/layers.ts';
import { smoothGoogLeNet, smoothNin } from '../src/networks/smooth.ts';
import { longestSum } from '../src/rounding/sums.ts';
import { startingValues } from '../src/networks/values.ts';
import { wholeChecks } from '../src/networks/whole.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';

const pinned = modelChecks();

/** A planted fault, in the nodes of one layer alone: `nin1.c1`, or `nin1.c1/grad` for the backward ones. */
async function faulty(fault: string, layer?: string): Promise<Device> {
  const replace = wrongKernels[fault];
  if (!replace) throw new Error(`there is no fault "${fault}"`);
  const there: Replace = (b, node, inputs) =>
    layer === undefined || originText(node.origin) === layer ? replace(b, node, inputs) : undefined;
  return withKernel(await referenceDevice(), there);
}

async function convicted(checks: readonly Check[], device: Device): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { key, run } of checks) if (!(await run(device)).passed) found.push(key);
  return found;
}

describe('pieces of a gradients graph', () => {
  const model = nin();
  const graph = gradients(model, 1);
  const pieces = piecesOf(graph);

  it('are the layers, in their order, and the loss', () => {
    expect(pieces.map(({ layer }) => layer).join(' ')).toBe(
      'nin1.c1 nin1.c2 nin1.c3 pool1 nin2.c1 nin2.c2 nin2.c3 pool2 nin3.c1 nin3.c2 nin3.c3 pool3 dropout ' +
        'nin4.c1 nin4.c2 nin4.c3 gap flatten loss',
    );
  });

  it('have every node of the graph once, but for those that are constants', () => {
    const ops = (nodes: readonly Node[]): string =>
      nodes
        .filter(({ op }) => op !== 'broadcast')
        .map(nodeText)
        .toSorted()
        .join('\n');
    expect(ops(pieces.flatMap((piece) => piece.graph.nodes))).toBe(ops(graph.nodes));
  });

  it('decide by what they are fed: what a layer computes forward it does not read backward', () => {
    for (const { graph: piece } of pieces) {
      const forward = new Set(
        piece.nodes.filter(({ origin }) => origin.phase === 'forward').flatMap(({ outputs }) => outputs),
      );
      const constants = new Set(piece.constants.map(({ value }) => value));
      const readBack = piece.nodes
        .filter(
          ({ origin, inputs }) =>
            origin.phase === 'backward' && !inputs.every((value) => constants.has(value)),
        )
        .flatMap(({ inputs }) => inputs.filter((value) => forward.has(value)));
      expect(readBack, piece.name).toEqual([]);
    }
  });

  it('fed with what crosses their borders, give together what the whole gives', async () => {
    const values = startingValues(model, xavier);
    const feeds = {
      images: reals('images', [1, 1, 28, 28], 0, 1),
      labels: int32([1], [2]),
      random: uint32([3], [1, 0, 0]),
    };
    const device = await referenceDevice();
    const crossed = await runOnce(device, crossings(graph), values, feeds);
    const together: Record<string, Tensors[string]> = {};
    for (const piece of pieces) {
      const given = { ...feeds, ...crossed };
      const own = Object.fromEntries(piece.graph.inputs.map(({ name }) => [name, the(given, name)]));
      const outputs = await runOnce(device, piece.graph, values, own);
      Object.assign(together, outputs);
    }
    expect(Object.keys(together).toSorted()).toEqual(Object.keys(crossed).toSorted());
    for (const [name, { data }] of Object.entries(crossed)) expect(the(together, name).data).toEqual(data);
    const gradient = the(crossed, 'grad/nin1.c1.w').data;
    expect(gradient.some((value) => value !== 0)).toBe(true);
  });
});

describe('longestSum', () => {
  it.each([
    ['nin3.c1', 64 * 4 * 4],
    ['nin1.c2', 26 * 26],
    ['gap', 2 * 2],
    ['loss', 10],
  ])('%s: %i terms', (layer, terms) => {
    const piece = piecesOf(gradients(nin(), 1)).find((candidate) => candidate.layer === layer);
    expect(piece && longestSum(piece.graph)).toBe(terms);
  });
});

describe('model/', () => {
  const convolutions = pinned.filter(({ key }) =>
    /\/(nin\d\.c\d|b1\.conv|b2\.conv\d|b3\.inc1\.p\d[ab]?)$/.test(key),
  );

  it('an honest float32 device passes', async () => {
    const device = withKernel(await referenceDevice(), roundedToFloat32);
    for (const { key, run } of pinned) {
      const { failures, worst } = await run(device);
      expect(failures, key).toEqual([]);
      expect(worst, key).toBeLessThan(0.5);
    }
  });

  it.each([
    ['conv2d: a dropped tap', 'nin2.c1', 'model/nin/nin2.c1'],
    ['conv2d: a dropped tap', 'b3.inc1.p2b', 'model/googlenet28/b3.inc1.p2b'],
    ['conv2dGradFilter: the last column is left out', 'b2.conv2/grad', 'model/googlenet28/b2.conv2'],
    ['biasAdd: forgotten', 'b2.conv2', 'model/googlenet28/b2.conv2'],
    ['maxPool2dGrad: the last maximum', 'pool1/grad', 'model/nin/pool1'],
    ['randomUniform: another stream', 'dropout', 'model/nin/dropout'],
    ['convolutions: inputs in TF32', 'nin3.c1', 'model/nin/nin3.c1'],
    ['concat: the last input first', 'b3.inc1', 'model/googlenet28/b3.inc1'],
  ])('%s in %s is found there, and nowhere else', async (fault, layer, key) => {
    expect(await convicted(pinned, await faulty(fault, layer))).toEqual([key]);
  });

  it('a device that gives nothing but 0 fails every check', async () => {
    const device = withKernel(await referenceDevice(), (b, node, inputs) =>
      b
        .emit(node.op, inputs, node.attrs)
        .map((value) => (value.dtype === 'float32' ? b.fill(0, value.shape) : value)),
    );
    expect(await convicted(pinned, device)).toEqual(pinned.map(({ key }) => key));
  });

  it('inputs in TF32 are found in every convolution', async () => {
    const found = await convicted(pinned, await faulty('convolutions: inputs in TF32'));
    expect(convolutions).toHaveLength(12 + 9);
    expect(found).toEqual(convolutions.map(({ key }) => key));
  });
});

describe('smooth networks', () => {
  const twins: readonly (readonly [smooth: Model, model: Model])[] = [
    [smoothNin({ batchNorm: true }), nin({ batchNorm: true })],
    [smoothGoogLeNet(), googlenet({ size: 28 })],
  ];

  it.each(twins)('$name is built as its model', (smooth, model) => {
    expect(stateOf(smooth)).toEqual(stateOf(model));
  });

  it.each(twins)('$name has no kink', (smooth) => {
    const ops = new Set(gradients(smooth, 1).nodes.map(({ op }) => op));
    for (const kinked of ['relu', 'max', 'greater', 'maxPool2d', 'maxPool2dGrad'] as const) {
      expect(ops.has(kinked), kinked).toBe(false);
    }
  });
});

describe('whole/', () => {
  const check = (name: string): Check => {
    const found = wholeChecks.find(({ key }) => key === `whole/${name}`);
    if (!found) throw new Error(`no check of ${name}`);
    return found;
  };

  it('an honest float32 device passes', async () => {
    const { failures, worst } = await check('nin-smooth').run(
      withKernel(await referenceDevice(), roundedToFloat32),
    );
    expect(failures).toEqual([]);
    expect(worst).toBeLessThan(0.5);
  });

  it.each([
    ['nin-smooth', 'conv2d: a dropped tap', 'nin2.c1'],
    ['nin-smooth', 'batchNorm: unbiased variance', 'nin3.c2.bn'],
    ['nin-smooth', 'convolutions: inputs in TF32', undefined],
    ['googlenet28-smooth', 'conv2dGradFilter: the last column is left out', 'b1.conv/grad'],
    ['googlenet28-smooth', 'biasAdd: forgotten', 'b4.inc3.p3a'],
  ])('%s convicts %s (%s) by ten bounds and more', async (network, fault, layer) => {
    const { failures, worst } = await check(network).run(await faulty(fault, layer));
    expect(failures.length).toBeGreaterThan(0);
    expect(worst).toBeGreaterThan(10);
  });
});

describe('startingValues', () => {
  it('leave no tensor at zero', () => {
    const values = startingValues(smoothNin({ batchNorm: true }), xavier);
    const zeros = Object.entries(values).filter(([, { data }]) => data.every((value) => value === 0));
    expect(zeros).toEqual([]);
    expect(values['nin1.c1.bn.b']).not.toEqual(float32([24]));
  });
});

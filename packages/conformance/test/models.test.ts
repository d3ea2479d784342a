// The checks of whole networks: networks are cut at their layers, checks of both tiers fail on a device with a wrong
// layer, and an honest float32 device passes.
import type { Device, Model, Node, Tensors } from '@isonet/core';
import { float32, gradients, int32, nodeText, originText, stateOf, uint32, xavier } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { describe, expect, it } from 'vitest';
import type { Check } from '../src/index.ts';
import { tensorNamed } from '../src/check/compare.ts';
import { reals } from '../src/case/data.ts';
import { crossings, piecesOf } from '../src/networks/pieces.ts';
import { layerChecks } from '../src/networks/layers.ts';
import { smoothGoogLeNet, smoothNin } from '../src/networks/smooth.ts';
import { longestSum } from '../src/rounding/sums.ts';
import { startingValues } from '../src/networks/values.ts';
import { wholeChecks } from '../src/networks/whole.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';
import { deviceWith, float32Device, mutatedDevice } from './mutation/device.ts';
import { valued } from './mutation/tensors.ts';

const pinned = layerChecks();

/** Returns the reference with a mutant in one layer: `nin1.c1`, or `nin1.c1/grad` for its backward nodes. */
function mutatedLayer(mutant: string, layer: string): Promise<Device> {
  return mutatedDevice(mutant, ({ origin }) => originText(origin) === layer);
}

/** Returns the keys of the checks that fail. */
async function failing(checks: readonly Check[], device: Device): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { key, run } of checks) if (!(await run(device)).passed) found.push(key);
  return found;
}

describe('pieces of a gradients graph', () => {
  const model = nin();
  const graph = gradients(model, 1);
  const pieces = piecesOf(graph);

  it('are the layers in order, and the loss', () => {
    expect(pieces.map(({ layer }) => layer).join(' ')).toBe(
      'nin1.c1 nin1.c2 nin1.c3 pool1 nin2.c1 nin2.c2 nin2.c3 pool2 nin3.c1 nin3.c2 nin3.c3 pool3 dropout ' +
        'nin4.c1 nin4.c2 nin4.c3 gap flatten loss',
    );
  });

  it('have every node of the graph once, except constants', () => {
    const ops = (nodes: readonly Node[]): string =>
      nodes
        .filter(({ op }) => op !== 'broadcast')
        .map(nodeText)
        .toSorted()
        .join('\n');
    expect(ops(pieces.flatMap((piece) => piece.graph.nodes))).toBe(ops(graph.nodes));
  });

  it('read only feeds in the backward part, never their own forward results', () => {
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

  it('together give the results of the whole graph when fed the values that cross their borders', async () => {
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
      const available = { ...feeds, ...crossed };
      const own = Object.fromEntries(
        piece.graph.inputs.map(({ name }) => [name, tensorNamed(available, name)]),
      );
      const outputs = await runOnce(device, piece.graph, values, own);
      Object.assign(together, outputs);
    }
    expect(Object.keys(together).toSorted()).toEqual(Object.keys(crossed).toSorted());
    for (const [name, { data }] of Object.entries(crossed))
      expect(tensorNamed(together, name).data).toEqual(data);
    const gradient = tensorNamed(crossed, 'grad/nin1.c1.w').data;
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
    const device = await float32Device();
    for (const { key, run } of pinned) {
      const { failures, worst } = await run(device);
      expect(failures, key).toEqual([]);
      expect(worst, key).toBeLessThan(0.5);
    }
  });

  it.each([
    ['conv2d: a dropped tap', 'nin2.c1', 'model/nin/nin2.c1'],
    ['conv2d: a dropped tap', 'b3.inc1.p2b', 'model/googlenet28/b3.inc1.p2b'],
    ['conv2dGradFilter: a dropped column', 'b2.conv2/grad', 'model/googlenet28/b2.conv2'],
    ['biasAdd: bias ignored', 'b2.conv2', 'model/googlenet28/b2.conv2'],
    ['maxPool2dGrad: the last maximum', 'pool1/grad', 'model/nin/pool1'],
    ['randomUniform: another stream', 'dropout', 'model/nin/dropout'],
    ['conv2d: inputs in TF32', 'nin3.c1', 'model/nin/nin3.c1'],
    ['concat: the last input first', 'b3.inc1', 'model/googlenet28/b3.inc1'],
  ])('"%s" in %s fails the check of that layer and no other', async (mutant, layer, key) => {
    expect(await failing(pinned, await mutatedLayer(mutant, layer))).toEqual([key]);
  });

  it('a device that computes only zeros fails every check', async () => {
    const device = await deviceWith(({ right }) =>
      right().map((y) => (y.dtype === 'float64' ? valued(y, () => 0) : y)),
    );
    expect(await failing(pinned, device)).toEqual(pinned.map(({ key }) => key));
  });

  it('inputs in TF32 fail the check of every convolution', async () => {
    const found = await failing(pinned, await mutatedDevice('conv2d: inputs in TF32'));
    expect(convolutions).toHaveLength(12 + 9);
    expect(found).toEqual(convolutions.map(({ key }) => key));
  });
});

describe('smooth networks', () => {
  const twins: readonly (readonly [smooth: Model, model: Model])[] = [
    [smoothNin({ batchNorm: true }), nin({ batchNorm: true })],
    [smoothGoogLeNet(), googlenet({ size: 28 })],
  ];

  it.each(twins)('$name has the state of its model', (smooth, model) => {
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
    const { failures, worst } = await check('nin-smooth').run(await float32Device());
    expect(failures).toEqual([]);
    expect(worst).toBeLessThan(0.5);
  });

  it.each([
    ['nin-smooth', 'conv2d: a dropped tap', 'nin2.c1'],
    ['nin-smooth', 'batchNorm: unbiased variance', 'nin3.c2.bn'],
    ['nin-smooth', 'conv2d: inputs in TF32', undefined],
    ['googlenet28-smooth', 'conv2dGradFilter: a dropped column', 'b1.conv/grad'],
    ['googlenet28-smooth', 'biasAdd: bias ignored', 'b4.inc3.p3a'],
  ])('%s fails by more than ten bounds: "%s" in %s', async (network, mutant, layer) => {
    const device = await (layer === undefined ? mutatedDevice(mutant) : mutatedLayer(mutant, layer));
    const { failures, worst } = await check(network).run(device);
    expect(failures.length).toBeGreaterThan(0);
    expect(worst).toBeGreaterThan(10);
  });
});

describe('startingValues', () => {
  it('contains no tensor of zeros', () => {
    const values = startingValues(smoothNin({ batchNorm: true }), xavier);
    const zeros = Object.entries(values).filter(([, { data }]) => data.every((value) => value === 0));
    expect(zeros).toEqual([]);
    expect(values['nin1.c1.bn.b']).not.toEqual(float32([24]));
  });
});

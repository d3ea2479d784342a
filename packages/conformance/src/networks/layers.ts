// Checks networks layer by layer. Each piece of a gradients graph is fed the reference's activations and upstream
// gradients, rounded to float32, and compared with the reference's results from the same feeds. An error is thus
// reported where it arises, before it grows through the network. Nor does a ReLU or a maximum that rounding flips
// look like an error; in an end-to-end comparison, it changes whole gradient tensors by up to 1 %.
import type { Device, Graph, ImageClassifier, Tensors } from '@isonet/core';
import { gradients, he, int32, typeOf, uint32 } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { compare, relativeL2, returnedType, tensorNamed } from '../check/compare.ts';
import { reals } from '../case/data.ts';
import { boundsOf, lazily, referenceDevice, runOnce } from '../oracle.ts';
import type { Check, Verdict } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import type { Piece } from './pieces.ts';
import { crossings, piecesOf } from './pieces.ts';
import { overallBound } from '../rounding/sums.ts';
import { inFloat32, startingValues } from './values.ts';

interface Network {
  readonly name: string;
  readonly model: ImageClassifier;
  /** Returns whether the layer of this path gets a check. */
  readonly covers: (layer: string) => boolean;
}

/** One image keeps the sums over pixels short, and only short sums reveal lost bits. */
const BATCH = 1;

/**
 * The book's networks at 28x28 with all their channels. GoogLeNet contributes only what NiN lacks: the stem, one Inception block (the
 * others have the same layers) and the dense layer.
 */
const networks: readonly Network[] = [
  { name: 'nin', model: nin(), covers: () => true },
  {
    name: 'googlenet28',
    model: googlenet({ size: 28 }),
    covers: (layer) => /^(b1|b2|b3\.inc1|fc)(\.|$)/.test(layer),
  },
];

/** `model/<network>/<layer>`, forward and backward. */
export const layerChecks: () => readonly Check[] = lazily(() => networks.flatMap(checksOf));

function checksOf(network: Network): readonly Check[] {
  const graph = gradients(network.model, BATCH);
  const whole = lazily(() => runOf(network, graph));
  const pieces = piecesOf(graph).filter(({ layer }) => network.covers(layer));
  return pieces.map((piece): Check => {
    const key = `model/${network.name}/${piece.layer}`;
    const expected = lazily(async () => evaluate(piece.graph, await whole()));
    const run = async (device: Device): Promise<Verdict> => judge(device, key, piece.graph, await expected());
    const covers = (): readonly string[] => [kindOf(piece)];
    return { key, group: 'model', form: 'native', tier: 'pinned', covers, run };
  });
}

/** Returns the kind of a layer: the names of its ops. */
function kindOf({ graph: { nodes } }: Piece): string {
  return `model: ${[...new Set(nodes.map(({ op }) => op))].toSorted().join(' ')}`;
}

interface WholeRun {
  /** Parameters and buffers. */
  readonly values: Tensors;
  /** All values that a piece may be fed. */
  readonly crossed: Tensors;
}

/** Runs the whole network on the reference. */
async function runOf({ name, model }: Network, graph: Graph): Promise<WholeRun> {
  const values = startingValues(model, he);
  const random = graph.inputs.some((input) => input.name === 'random')
    ? { random: uint32([3], [1, 0, 0]) }
    : {};
  const feeds = {
    images: reals(`${name} images`, [BATCH, ...model.input.shape], 0, 1),
    labels: int32([BATCH], [3]),
    ...random,
  };
  const crossed = await runOnce(await referenceDevice(), crossings(graph), values, feeds);
  return { values, crossed: { ...feeds, ...inFloat32(crossed) } };
}

interface Expected {
  readonly state: Tensors;
  readonly feeds: Tensors;
  readonly outputs: Tensors;
  readonly bounds: Tensors;
  /** The bound on the relative error of an output as a whole, in the L2 norm. */
  readonly overall: number;
}

/** Runs a piece on the reference. */
async function evaluate(graph: Graph, { values, crossed }: WholeRun): Promise<Expected> {
  const state = Object.fromEntries(graph.state.map(({ name }) => [name, tensorNamed(values, name)]));
  const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, tensorNamed(crossed, name)]));
  const outputs = await runOnce(await referenceDevice(), graph, state, feeds);
  const bounds = await boundsOf(graph, state, feeds);
  return { state, feeds, outputs, bounds, overall: overallBound(graph) };
}

/** Requires every value to lie within its bound, and each output as a whole within the overall bound. */
async function judge(
  device: Device,
  key: string,
  graph: Graph,
  { state, feeds, outputs, bounds, overall }: Expected,
): Promise<Verdict> {
  const findings = new Findings();
  const got = await runOnce(device, graph, state, feeds);
  for (const { name, value } of graph.outputs) {
    const type = returnedType(typeOf(graph, value), device.numerics.float32.heldAs);
    const { data } = tensorNamed(outputs, name);
    findings.add(name, compare(got[name], type, data, bounds[name]?.data));
    if (bounds[name])
      findings.within(`${name} as a whole`, relativeL2(tensorNamed(got, name).data, data), overall);
  }
  return findings.verdict(key);
}

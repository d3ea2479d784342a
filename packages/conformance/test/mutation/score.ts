// The mutation score of the cases: mutants are put into the graph of each case, and a case kills a mutant if some output
// leaves its bound by far. A case that lets a mutant survive proves too little.
import type { Graph, Named, Node, OpName, Tensors } from '@isonet/core';
import type { Case } from '../../src/case/case.ts';
import { groupOf } from '../../src/check/check.ts';
import { compare } from '../../src/check/compare.ts';
import { boundsOf } from '../../src/oracle.ts';
import type { Values } from './evaluate.ts';
import { at, dependencies, evaluate, mutate } from './evaluate.ts';
import { resultMutants } from './results.ts';
import { mutants } from './table.ts';

/** A mutant is killed if it takes a value this many bounds away: rounding errors of one bound then hide nothing. */
const KILLED = 10;

export interface ScoredMutant {
  /** `conv2d: a dropped tap`, `grad/x: in bf16` */
  readonly name: string;
  readonly killed: boolean;
  /** The largest distance from the right value, in bounds; Infinity where a value has to be exact. */
  readonly distance: number;
}

export interface EquivalentMutant {
  readonly name: string;
  /** Why it cannot show: no data of this geometry, or no geometry with these data, would tell it from the original. */
  readonly reason: string;
}

/** The mutants of one case. */
export interface CaseScore {
  /** The case's. */
  readonly key: string;
  readonly mutants: readonly ScoredMutant[];
  readonly equivalent: readonly EquivalentMutant[];
}

/** Scores a case, forward and backward. */
export async function scoreOf(test: Case): Promise<CaseScore> {
  const forward = test.forward();
  const backward = test.backward() ?? forward;
  const whole = await evaluated(test, backward);
  const nodes = [...ownNodes(test, backward), ...gradientNodes(forward, backward)];
  // The backward graph has a composite without a gradient of its own only as its decomposition.
  const ops = new Set(nodes.map(({ op }) => op));
  const others = ownNodes(test, forward).filter(({ op }) => !ops.has(op));
  const found = [
    ...kernelMutants(whole, nodes),
    ...(others.length > 0 ? kernelMutants(await evaluated(test, forward), others) : []),
    ...mutantsOfResults(test, whole),
  ];
  return {
    key: test.key,
    mutants: found.filter((mutant) => 'distance' in mutant),
    equivalent: found.filter((mutant) => 'reason' in mutant),
  };
}

/** What a case proves too little of; undefined for a sound one. */
export function weaknessOf({ key, mutants: all }: CaseScore): string | undefined {
  if (all.length === 0) return `${key} has no mutant that is not equivalent`;
  const survivors = all.filter(({ killed }) => !killed);
  const list = survivors.map(({ name, distance }) => `"${name}" (${distance.toPrecision(2)} bounds)`);
  return survivors.length === 0 ? undefined : `${key} lets survive: ${list.join(', ')}`;
}

/** The mutants of many cases together. */
export interface MutationScore {
  readonly cases: number;
  /** The number of mutants that are not equivalent. */
  readonly mutants: number;
  readonly killed: number;
  readonly equivalent: number;
  /** The mutant that comes closest to its bound, of those that a bound judges. */
  readonly weakest: (ScoredMutant & { readonly key: string }) | undefined;
  /** What cases prove too little. */
  readonly weaknesses: readonly string[];
}

export function mutationScore(scores: readonly CaseScore[]): MutationScore {
  const all = scores.flatMap(({ key, mutants: own }) => own.map((mutant) => ({ key, ...mutant })));
  const judged = all.filter(({ distance }) => Number.isFinite(distance));
  const [weakest] = judged.toSorted((a, b) => a.distance - b.distance);
  return {
    cases: scores.length,
    mutants: all.length,
    killed: all.filter(({ killed }) => killed).length,
    equivalent: scores.reduce((sum, { equivalent }) => sum + equivalent.length, 0),
    weakest,
    weaknesses: scores.map(weaknessOf).filter((weakness) => weakness !== undefined),
  };
}

/** The ops that gradients bring in besides arithmetic. */
const inGradients: readonly OpName[] = [
  'avgPool2d',
  'avgPool2dGrad',
  'batchMatMul',
  'batchNormGrad',
  'conv2d',
  'conv2dGradFilter',
  'conv2dGradInput',
  'matMul',
  'maxPool2dGather',
  'maxPool2dGrad',
  'reluGrad',
];

type Found = ScoredMutant | EquivalentMutant;

/** A graph, its right values, and the bounds of its outputs. */
interface Evaluated {
  readonly graph: Graph;
  readonly right: Values;
  readonly bounds: Tensors;
}

async function evaluated({ judged, feeds }: Case, graph: Graph): Promise<Evaluated> {
  const bounds = judged === 'exact' ? {} : await boundsOf(graph, {}, feeds);
  return { graph, right: evaluate(graph, feeds), bounds };
}

/**
 * The nodes that a case tests, as far as its outputs depend on them. In a case of an op these are the nodes of that op, since
 * the others only prepare its operands; in a combination, all.
 */
function ownNodes({ key }: Case, graph: Graph): readonly Node[] {
  const group = groupOf(key);
  const read = dependencies(graph, ({ name }) => /^y\d+$/.test(name));
  return graph.nodes.filter(
    ({ op, outputs }) =>
      (op === group || group === 'combination') && outputs.some((value) => read.has(value)),
  );
}

/** The nodes of those ops that only the gradients bring in. */
function gradientNodes(forward: Graph, { nodes }: Graph): readonly Node[] {
  const known = new Set(forward.nodes.map(({ op }) => op));
  return nodes.filter(({ op }) => !known.has(op) && inGradients.includes(op));
}

function kernelMutants(evaluation: Evaluated, nodes: readonly Node[]): readonly Found[] {
  const { graph, right } = evaluation;
  const ops = [...new Set(nodes.map((node) => node.op))];
  return ops.flatMap((op) => {
    const own = new Set(nodes.filter((node) => node.op === op));
    return mutants
      .filter((mutant) => mutant.op === op)
      .map((mutant) => {
        const { wrong, reason } = mutate(graph, right, own, mutant);
        return reason === undefined
          ? scored(mutant.fullName, graph.outputs, wrong, evaluation)
          : { name: mutant.fullName, reason };
      });
  });
}

function mutantsOfResults({ feeds }: Case, evaluation: Evaluated): readonly Found[] {
  const { graph, right } = evaluation;
  return graph.outputs.flatMap((output) =>
    resultMutants.map((mutant) => {
      const name = `${output.name}: ${mutant.name}`;
      const wrong = mutant.mutate(at(right, output.value), feeds);
      if (typeof wrong === 'string') return { name, reason: wrong };
      return scored(name, [output], new Map([[output.value, wrong]]), evaluation);
    }),
  );
}

function scored(name: string, outputs: readonly Named[], wrong: Values, evaluation: Evaluated): ScoredMutant {
  const distance = Math.max(...outputs.map((output) => distanceOf(output, wrong, evaluation)));
  return { name, killed: distance > KILLED, distance };
}

/** The distance of an output from its right value, in bounds. */
function distanceOf({ name, value }: Named, wrong: Values, { right, bounds }: Evaluated): number {
  const [got, expected] = [wrong.get(value), at(right, value)];
  return got ? compare(got, expected, expected.data, bounds[name]?.data).worst : 0;
}

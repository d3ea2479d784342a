// The mutation score of the cases: mutants are put into the graph of each case, and a case kills a mutant if it moves
// some output far beyond its bound. A case that a mutant survives is too weak.
import type { Graph, Named, Node, OpName, Tensors } from '@isonet/core';
import type { Case } from '../../src/case/case.ts';
import { groupOf } from '../../src/check/check.ts';
import { compare } from '../../src/check/compare.ts';
import { boundsOf } from '../../src/oracle.ts';
import type { Values } from './evaluate.ts';
import { at, dependencies, evaluate, mutate } from './evaluate.ts';
import { resultMutants } from './results.ts';
import { mutants } from './table.ts';

/** A mutant is killed if it moves a value by more than this many bounds, so that rounding errors within one bound cannot hide it. */
const KILLED = 10;

export interface ScoredMutant {
  /** `conv2d: a dropped tap`, `grad/x: in bf16` */
  readonly name: string;
  readonly killed: boolean;
  /** The largest distance from the right value, in bounds; Infinity if a value has to be exact. */
  readonly distance: number;
}

export interface EquivalentMutant {
  readonly name: string;
  /** Why it cannot be detected: with this geometry, or with this data, it computes what the original computes. */
  readonly reason: string;
}

/** The mutants of one case. */
export interface CaseScore {
  /** The key of the case. */
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
  // In the backward graph, a composite without its own gradient rule appears only as its decomposition.
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

/** Describes why a case is too weak; undefined for a sound case. */
export function weaknessOf({ key, mutants: all }: CaseScore): string | undefined {
  if (all.length === 0) return `${key} has no mutant that is not equivalent`;
  const survivors = all.filter(({ killed }) => !killed);
  const list = survivors.map(({ name, distance }) => `"${name}" (${distance.toPrecision(2)} bounds)`);
  return survivors.length === 0 ? undefined : `${key} does not kill ${list.join(', ')}`;
}

/** The mutants of many cases together. */
export interface MutationScore {
  readonly cases: number;
  /** The number of mutants that are not equivalent. */
  readonly mutants: number;
  readonly killed: number;
  readonly equivalent: number;
  /** The mutant closest to its bound, among those judged by a bound. */
  readonly weakest: (ScoredMutant & { readonly key: string }) | undefined;
  /** One line for each case that is too weak. */
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

/** The ops other than arithmetic that gradients introduce. */
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
 * Returns the nodes that a case tests and on which its outputs depend. In a case of an op, these are the nodes of
 * that op, since the others only prepare its operands; in a combination, they are all nodes.
 */
function ownNodes({ key }: Case, graph: Graph): readonly Node[] {
  const group = groupOf(key);
  const read = dependencies(graph, ({ name }) => /^y\d+$/.test(name));
  return graph.nodes.filter(
    ({ op, outputs }) =>
      (op === group || group === 'combination') && outputs.some((value) => read.has(value)),
  );
}

/** Returns the nodes of ops that only the gradients introduce. */
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

/** Returns the distance of an output from its right value, in bounds. */
function distanceOf({ name, value }: Named, wrong: Values, { right, bounds }: Evaluated): number {
  const [got, expected] = [wrong.get(value), at(right, value)];
  return got ? compare(got, expected, expected.data, bounds[name]?.data).worst : 0;
}

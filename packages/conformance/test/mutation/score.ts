// The power of the cases: faults planted in what is expected, and how far each takes it from what is right, in units of the
// bound. A case that lets a fault pass proves nothing and is none.
import type { Graph, Named, Node, OpName, Tensors } from '@isonet/core';
import type { Case } from '../../src/case/case.ts';
import { compare } from '../../src/check/compare.ts';
import { faultsOf } from '../../src/cases/table.ts';
import type { Values } from './plant.ts';
import { at, dependencies, everyValue, plant } from './plant.ts';
import { faultsOfResults } from './results.ts';
import { boundsOf } from '../../src/oracle.ts';
import { groupOf } from '../../src/check/check.ts';

/** A fault is caught where it takes a value this many bounds away: noise of one bound on either side then hides nothing. */
const CAUGHT = 10;

/** A fault that was planted in a case, and how far it shows. */
export interface PlantedFault {
  /** `conv2d: a dropped tap`, `grad/x: in bf16` */
  readonly name: string;
  /** The largest distance from what is right in units of the bound; Infinity where a value had to be exact. */
  readonly ratio: number;
}

/** A fault that leaves the results of a case right, and why. */
export interface UnseenFault {
  /** `conv2d: a dropped tap` */
  readonly name: string;
  /** Why no data of this geometry, or no geometry with these data, could show it. */
  readonly reason: string;
}

/** How many of the faults planted in a case it notices. */
export interface Power {
  /** The case's. */
  readonly key: string;
  /** The number of faults planted. */
  readonly planted: number;
  /** The number of planted faults that the case notices. */
  readonly caught: number;
  /** The smallest ratio of the planted faults. */
  readonly least: number;
  readonly faults: readonly PlantedFault[];
  readonly unseen: readonly UnseenFault[];
}

/** What faults come to in a case, forward and backward. */
export async function power(test: Case): Promise<Power> {
  const forward = test.forward();
  const backward = test.backward() ?? forward;
  const whole = await judged(test, backward);
  const nodes = [...ownNodes(test, backward), ...gradientNodes(forward, backward)];
  // Backward, a composite without a gradient of its own is there as its decomposition alone.
  const ops = new Set(nodes.map(({ op }) => op));
  const others = ownNodes(test, forward).filter(({ op }) => !ops.has(op));
  const found = [
    ...(await kernelFaults(whole, nodes)),
    ...(others.length > 0 ? await kernelFaults(await judged(test, forward), others) : []),
    ...resultFaults(test, whole),
  ];
  const faults = found.filter((fault) => 'ratio' in fault);
  const ratios = faults.map(({ ratio }) => ratio);
  return {
    key: test.key,
    planted: faults.length,
    caught: ratios.filter((ratio) => ratio > CAUGHT).length,
    least: Math.min(...ratios),
    faults,
    unseen: found.filter((fault) => 'reason' in fault),
  };
}

/** Why a case with this power is no case; undefined for one that is. */
export function rejection({ key, planted, faults }: Power): string | undefined {
  if (planted === 0) return `${key} is no case: no fault can be seen in it`;
  const missed = faults.filter(({ ratio }) => !(ratio > CAUGHT));
  const list = missed.map(({ name, ratio }) => `"${name}" (${ratio.toPrecision(2)} bounds)`).join(', ');
  return missed.length === 0 ? undefined : `${key} is no case: it would not notice ${list}`;
}

/** The power of many cases together. */
export interface PowerReport {
  /** The number of cases. */
  readonly cases: number;
  /** The number of faults planted. */
  readonly planted: number;
  /** The number of planted faults that the cases notice. */
  readonly caught: number;
  /** The faults that stay within a case's geometry or data, each with its reason. */
  readonly unseen: number;
  /** The weakest of the faults that are judged by a bound. */
  readonly least: { readonly ratio: number; readonly key: string; readonly name: string } | undefined;
  /** Why cases are none. */
  readonly rejected: readonly string[];
}

/** How many faults were planted in cases, and how many caught. */
export async function powerReport(cases: readonly Case[]): Promise<PowerReport> {
  const powers: Power[] = [];
  for (const test of cases) powers.push(await power(test));
  const count = (of: (each: Power) => number): number => powers.reduce((sum, each) => sum + of(each), 0);
  const all = powers.flatMap(({ key, faults }) => faults.map((fault) => ({ key, ...fault })));
  const [least] = all.filter(({ ratio }) => Number.isFinite(ratio)).toSorted((a, b) => a.ratio - b.ratio);
  return {
    cases: powers.length,
    planted: count(({ planted }) => planted),
    caught: count((each) => each.caught),
    unseen: count(({ unseen }) => unseen.length),
    least,
    rejected: powers.map(rejection).filter((why) => why !== undefined),
  };
}

/** What gradients are made of, beside arithmetic. */
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

type Found = PlantedFault | UnseenFault;

/** A graph, what it should give, and within which bounds. */
interface Judged {
  readonly graph: Graph;
  readonly right: Values;
  readonly bounds: Tensors;
}

async function judged({ judged: by, feeds }: Case, graph: Graph): Promise<Judged> {
  const right = await everyValue(graph, feeds);
  return { graph, right, bounds: by === 'exact' ? {} : await boundsOf(graph, {}, feeds) };
}

/**
 * The nodes that a case is there for, as far as its outputs depend on them: of its op alone, the others help to state it; of
 * a combination, all.
 */
function ownNodes({ key }: Case, graph: Graph): readonly Node[] {
  const subject = groupOf(key);
  const read = dependencies(graph, ({ name }) => /^y\d+$/.test(name));
  return graph.nodes.filter(
    ({ op, outputs }) =>
      (op === subject || subject === 'combination') && outputs.some((value) => read.has(value)),
  );
}

/** The nodes of those ops that only the gradients bring in. */
function gradientNodes(forward: Graph, { nodes }: Graph): readonly Node[] {
  const known = new Set(forward.nodes.map(({ op }) => op));
  return nodes.filter(({ op }) => !known.has(op) && inGradients.includes(op));
}

async function kernelFaults(judgement: Judged, nodes: readonly Node[]): Promise<readonly Found[]> {
  const { graph, right } = judgement;
  const found: Found[] = [];
  for (const op of new Set(nodes.map((node) => node.op))) {
    const faulty = new Set(nodes.filter((node) => node.op === op));
    for (const fault of faultsOf(op)) {
      const name = `${op}: ${fault.name}`;
      const { wrong, reason } = await plant(graph, right, faulty, fault);
      const ratio = Math.max(...graph.outputs.map((output) => distance(output, wrong, judgement)));
      found.push(reason === undefined ? { name, ratio } : { name, reason });
    }
  }
  return found;
}

function resultFaults({ feeds }: Case, judgement: Judged): readonly Found[] {
  const { graph, right } = judgement;
  return graph.outputs.flatMap((output) =>
    faultsOfResults.map((fault) => {
      const name = `${output.name}: ${fault.name}`;
      const spoilt = fault.spoil(at(right, output.value), feeds);
      if (typeof spoilt === 'string') return { name, reason: spoilt };
      return { name, ratio: distance(output, new Map([[output.value, spoilt]]), judgement) };
    }),
  );
}

/** How far an output is from what it should be, in units of its bound. */
function distance({ name, value }: Named, wrong: Values, { right, bounds }: Judged): number {
  const [got, expected] = [wrong.get(value), at(right, value)];
  return got ? compare(got, expected, expected.data, bounds[name]?.data).worst : 0;
}

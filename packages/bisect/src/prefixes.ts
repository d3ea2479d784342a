// The first stage of a search. It compiles prefixes of the graph, each as a whole, so that the device fuses nodes up
// to the cut as it does in the whole graph.
import { nodeAt, runOnce, section, tensorNamed } from '@isonet/conformance/judging';
import type { Device, ValueId } from '@isonet/core';
import type { Judgement } from './judge.ts';
import { judge } from './judge.ts';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import type { Values } from './section.ts';
import { evaluate } from './section.ts';
import { distance } from './tensors.ts';
import { numbersText, resultsText } from './text.ts';

/** A cut at which some value read is wrong, although all values read at the cut one node earlier are right. */
export interface WrongCut {
  /** The index of the last node before the cut. */
  readonly last: number;
  readonly judgement: Judgement;
}

/**
 * A relative error in the L2 norm that exceeds the effect of flipped decisions on a gradient; the largest observed is
 * 8e-3.
 */
const FLIPPED = 0.02;

export class Prefixes {
  readonly #device: Device;
  readonly #problem: Problem;
  readonly #reads: Reads;
  readonly #say: (text: string) => void;

  constructor(device: Device, problem: Problem, reads: Reads, say: (text: string) => void) {
    this.#device = device;
    this.#problem = problem;
    this.#reads = reads;
    this.#say = say;
  }

  /**
   * Runs a binary search that ends with two adjacent cuts: every value judged at the earlier cut is right, and one at
   * the later cut is wrong. The search does not prove any node right: it judges only the values that are read, and an
   * error may be masked before it reaches one of them.
   */
  async firstWrong(): Promise<WrongCut | undefined> {
    let [low, high] = [-1, this.#problem.graph.nodes.length - 1];
    let wrong: Judgement | undefined = await this.#firstWrongAt(high, low);
    if (!wrong) return undefined;
    while (high - low > 1) {
      // The error arises between the values read at the same cut and the first wrong value, which is recomputed from
      // them.
      const made: number = this.#reads.producer(wrong.value);
      const before: number = this.#startOf(wrong.value, high) - 1;
      const guess: number = made < high ? made : before;
      const last: number = low < guess && guess < high ? guess : (low + high) >> 1;
      // A value that is right if the graph ends with it but wrong at this cut goes wrong only if later nodes follow:
      // judge it again.
      const after: number = made <= low ? before : Math.max(low, before);
      const found = await this.#firstWrongAt(last, after < last ? after : low);
      if (found) [wrong, high] = [found, last];
      else low = last;
    }
    return { last: high, judgement: wrong };
  }

  /**
   * Runs the whole graph with only its outputs read, as a training step does. The outputs may differ from those of
   * the run in which more values were read, because rounding flips decisions. Only a larger difference counts as
   * wrong.
   */
  async wrongAsAWhole(): Promise<Judgement | undefined> {
    const { graph, state, feeds } = this.#problem;
    this.#say('the whole graph, with only its outputs read');
    const last = graph.nodes.length - 1;
    const values = new Map(await this.#run(last));
    const outputs = await runOnce(this.#device, graph, state, feeds);
    const changed = graph.outputs.flatMap(({ name, value }) => {
      const [got, before] = [tensorNamed(outputs, name), values.get(value)];
      if (!before || distance(got.data, before.data) === 0) return [];
      values.set(value, got);
      return [value];
    });
    const judgements = await this.#judged(last, changed, values);
    return judgements.find(({ ratio, relativeL2 }) => ratio > 1 && relativeL2 > FLIPPED);
  }

  /** Returns the first wrong value among those read at a cut and computed after node `after`. */
  async #firstWrongAt(last: number, after: number): Promise<Judgement | undefined> {
    const values = await this.#run(last);
    const reads = [...values.keys()].filter((value) => this.#reads.producer(value) > after);
    const judgements = await this.#judged(last, reads, values);
    const of = after < 0 ? '' : ` of ${numbersText(upTo(last).slice(after + 1))}`;
    this.#say(`${numbersText(upTo(last))}, compiled together: ${resultsText(judgements, of)}`);
    const wrong = judgements.filter(({ ratio }) => ratio > 1);
    return wrong.toSorted((a, b) => this.#reads.producer(a.value) - this.#reads.producer(b.value))[0];
  }

  #run(last: number): Promise<Values> {
    const { graph } = this.#problem;
    const part = { nodes: upTo(last), reads: this.#reads.upTo(last) };
    return evaluate(this.#device, section(graph, part), this.#problem, new Map());
  }

  async #judged(last: number, reads: readonly ValueId[], values: Values): Promise<readonly Judgement[]> {
    const part = { nodes: upTo(last), reads };
    return (await judge(this.#device, this.#problem, part, values, { bounded: false })).judgements;
  }

  /** Returns the index of the earliest node on any path from the values read at the cut to a value. */
  #startOf(value: ValueId, last: number): number {
    const { graph } = this.#problem;
    const read = new Set(this.#reads.upTo(last));
    const reached = new Set([value]);
    let first = this.#reads.producer(value);
    for (let index = first; index >= 0; index--) {
      const { inputs, outputs } = nodeAt(graph, index);
      if (!outputs.some((output) => reached.has(output))) continue;
      first = index;
      for (const input of inputs) if (!read.has(input)) reached.add(input);
    }
    return first;
  }
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last + 1 }, (_, index) => index);
}

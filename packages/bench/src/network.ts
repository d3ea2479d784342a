// The network as a rival is given it: the nodes of the model's training graph, forward phase, as JSON. A rival has one function
// per op; what it has no function for it refuses.
import type { ImageClassifier, Json } from '@isonet/core';
import type { Work } from './report.ts';

/** A network that any library can build. Values have numbers. */
export interface NetworkFile {
  readonly model: string;
  readonly classes: number;
  /** The number of the images, `[N, C, H, W]`. */
  readonly input: number;
  /** The number of the logits, `[N, K]`. */
  readonly output: number;
  /** Parameters and buffers: the number of each, its name in the weights, and what it is. */
  readonly state: readonly {
    readonly value: number;
    readonly name: string;
    readonly shape: readonly number[];
    readonly kind: 'parameter' | 'buffer';
    /** Whether weight decay applies. */
    readonly decays: boolean;
  }[];
  /**
   * In order. Ops and attributes are core's, with two differences: `batchNorm` has the running mean and variance as its fourth
   * and fifth input and `momentum` as an attribute; `dropout` has one input.
   */
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly number[];
    readonly output: number;
    readonly attrs: { readonly [key: string]: Json };
  }[];
}

export function networkFile(model: ImageClassifier, _work: Work): NetworkFile {
  return { model: model.name, classes: model.output.shape[0], input: 0, output: 0, state: [], nodes: [] };
}

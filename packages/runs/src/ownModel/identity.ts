// The identity of a network: its graphs and tensors, independent of the source text that defines it. A run records it, so
// that its weights are never loaded into another network.
import { createHash } from 'node:crypto';
import type { Graph, ImageClassifier } from '@isonet/core';
import { GraphBuilder, Scope, structureOf } from '@isonet/core';

/**
 * Increment this when layers start to build different graphs for the same network: the old and new digests cannot be
 * compared.
 */
const FORMAT = 'network-1';

/**
 * Returns `network-1:<SHA-256 in hex>` of the graphs in inference and training mode, including the names of inputs,
 * outputs, parameters and buffers, but excluding the names of the model and of layers without parameters.
 * @throws any error of the layers
 */
export function networkDigest(model: ImageClassifier): string {
  const hash = createHash('sha256');
  for (const training of [false, true]) {
    const { graph, names } = built(model, training);
    hash.update(JSON.stringify(names));
    for (const part of structureOf(graph)) hash.update(part);
  }
  return `${FORMAT}:${hash.digest('hex')}`;
}

/**
 * Returns whether two digests are known to be of different networks. False if their formats differ, because they cannot be
 * compared.
 */
export function isAnotherNetwork(before: string, now: string): boolean {
  const [format] = before.split(':');
  return format === FORMAT && before !== now;
}

/** Builds the graph of a network for one image, with everything that it declares. */
function built(
  { input, output, layer }: ImageClassifier,
  training: boolean,
): { graph: Graph; names: object } {
  const b = new GraphBuilder('network');
  const scope = Scope.root(b, { training });
  const x = b.input(input.name, { dtype: 'float32', shape: [1, ...input.shape] });
  b.output(output.name, layer(scope, x));
  for (const { name, output: auxiliary } of scope.auxiliaries) b.output(`auxiliary/${name}`, auxiliary);
  for (const [name, value] of scope.bufferValues) b.update(name, value);
  const { parameters, buffers } = scope;
  const weights = scope.auxiliaries.map(({ name, weight }) => [name, weight]);
  return {
    graph: b.build(),
    names: { input: input.name, output: output.name, parameters, buffers, weights },
  };
}

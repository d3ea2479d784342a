// Tests the identity of a network, and the changes that alter it.
import type { ImageClassifier, Layer } from '@isonet/core';
import { batchNorm, conv2d, dense, dropout, flatten, maxPool2d, sequential } from '@isonet/core';
import { expect, it } from 'vitest';
import { isAnotherNetwork, networkDigest } from '../src/ownModel/identity.ts';

const network = (layer: Layer, name = 'a'): ImageClassifier => ({
  name,
  input: { name: 'images', shape: [1, 8, 8] },
  output: { name: 'logits', shape: [3] },
  layer,
});
const layers = {
  c: conv2d(4, { kernel: 3, activation: 'relu' }),
  bn: batchNorm(),
  pool: maxPool2d({ kernel: 2 }),
  drop: dropout(0.5),
  flat: flatten(),
  head: dense(3),
};
const digest = networkDigest(network(sequential(layers)));

it('keeps its digest: if it changes for the same network, its format must change, too', () => {
  expect(digest).toBe('network-1:dc9f4f3aa4d88e208dee7a402a18d36c55c9286debe95e036f6eaf6f01ffa971');
});

it('depends on the graph, but not on the names of the model and of layers without parameters', () => {
  const { pool, flat, ...others } = layers;
  expect(networkDigest(network(sequential(layers), 'b'))).toBe(digest);
  const { c, bn, drop, head } = others;
  expect(networkDigest(network(sequential({ c, bn, pooling: pool, drop, flat, head })))).toBe(digest);
});

const changes: Readonly<Record<string, Layer>> = {
  'an activation': sequential({ ...layers, c: conv2d(4, { kernel: 3, activation: 'tanh' }) }),
  'the rate of a dropout, which only affects training': sequential({ ...layers, drop: dropout(0.4) }),
  'the momentum of batch norm, which only affects training': sequential({
    ...layers,
    bn: batchNorm({ momentum: 0.5 }),
  }),
};

it.each(Object.entries(changes))('changes with %s', (_, layer) => {
  const now = networkDigest(network(layer));
  expect(now).not.toBe(digest);
  expect(isAnotherNetwork(digest, now)).toBe(true);
});

it('changes with the node of an auxiliary output, and with the weight of its loss', () => {
  const withAuxiliary = (sign: 'relu' | 'tanh', weight: number): string =>
    networkDigest(
      network((scope, x) => {
        const logits = sequential(layers)(scope, x);
        const either = { relu: scope.op.relu(logits), tanh: scope.op.tanh(logits) };
        scope.auxiliary(either[sign], weight);
        return logits;
      }),
    );
  const now = withAuxiliary('relu', 0.3);
  expect(now).not.toBe(digest);
  expect(withAuxiliary('relu', 0.3)).toBe(now);
  expect(withAuxiliary('tanh', 0.3)).not.toBe(now);
  expect(withAuxiliary('relu', 0.4)).not.toBe(now);
});

it('changes with the name of a parameter', () => {
  const { head, ...others } = layers;
  expect(networkDigest(network(sequential({ ...others, top: head })))).not.toBe(digest);
});

it('cannot be compared with one of another format', () => {
  expect(isAnotherNetwork('network-0:abc', digest)).toBe(false);
});

import type { Graph, ImageClassifier, Layer, Model } from '@isonet/core';
import {
  batchNorm,
  conv2d,
  DataError,
  flatten,
  forward,
  globalAvgPool2d,
  sequential,
  stateOf,
} from '@isonet/core';
import { models } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import type { NetworkFile } from '../src/network.ts';
import { networkFile } from '../src/network.ts';
import { modelOf } from '../src/rivals/networkModel.ts';

function ops({ nodes }: NetworkFile): readonly string[] {
  return [...new Set(nodes.map(({ op }) => op))];
}

/** Formats the nodes of a graph independently of its value numbers: state by name, results by the position of their node. */
function linesOf({ nodes, state, inputs }: Graph): readonly string[] {
  const names = new Map([...state, ...inputs].map(({ name, value }) => [value, name] as const));
  return nodes.map((node, i) => {
    for (const value of node.outputs) names.set(value, `#${i}`);
    const attrs = JSON.stringify(Object.entries(node.attrs).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return `#${i} = ${node.op} ${node.inputs.map((value) => names.get(value)).join(' ')} ${attrs}`;
  });
}

/** Returns a model with images [2, 6, 6] and 4 classes. */
function classifier(body: Layer, classes = 4): ImageClassifier {
  return {
    name: 'own',
    input: { name: 'images', shape: [2, 6, 6] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      body,
      head: conv2d(classes, { kernel: 1 }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

describe.each(models)('networkFile: $name', (entry) => {
  it.each([false, true])('converts back to the same network, batch norm: %s', async (normalized) => {
    const model = await entry.load({ batchNorm: normalized });
    const file = networkFile(model, 'forward');
    const again = modelOf(file, model.input.shape);
    expect(linesOf(forward(again, 3).graph)).toEqual(linesOf(forward(model, 3).graph));
  });
});

describe('networkFile', () => {
  it('merges each convolution with its bias, and has neither random numbers nor a batch size', async () => {
    const model = await models[0]?.load({});
    if (!model) throw new Error('no model');
    const file = networkFile(model);
    expect(ops(file)).toEqual(['conv2d', 'relu', 'maxPool2d', 'dropout', 'globalAvgPool2d', 'reshape']);
    for (const { op, inputs } of file.nodes) expect(inputs).toHaveLength(op === 'conv2d' ? 3 : 1);
    expect(file.nodes.at(-1)?.attrs).toEqual({ shape: [-1, 10] });
    expect(file.nodes.find(({ op }) => op === 'dropout')?.attrs).toEqual({ rate: 0.5 });
    expect(file.nodes[0]?.layer).toBe('nin1.c1');
  });

  it('passes the running statistics of batch norm as inputs, and their momentum as an attribute', () => {
    const file = networkFile(classifier(batchNorm({ momentum: 0.75, epsilon: 0.001 })));
    const [node] = file.nodes;
    const names = node?.inputs
      .slice(1)
      .map((value) => file.state.find((entry) => entry.value === value)?.name);
    expect(node?.op).toBe('batchNorm');
    expect(names).toEqual(['body.scale', 'body.b', 'body.mean', 'body.variance']);
    expect(node?.attrs).toEqual({ epsilon: 0.001, momentum: 0.75 });
  });

  it('marks the parameters with weight decay: weights, but not biases, scales and statistics', () => {
    const model = classifier(batchNorm());
    const weights = stateOf(model).parameters.filter(({ role }) => role === 'weight');
    const marked = networkFile(model).state.filter(({ decays }) => decays);
    expect(marked.map(({ name }) => name)).toEqual(weights.map(({ name }) => name));
    expect(marked.map(({ name }) => name)).toEqual(['head.w']);
  });

  it('does not merge a bias if another node reads its convolution', () => {
    const twice: Layer = (scope, x) => {
      const y = scope.op.conv2d(x, scope.parameter('w', [2, 2, 1, 1]), WINDOW);
      return scope.op.add(y, scope.op.biasAdd(y, scope.parameter('b', [2], 'bias')));
    };
    expect(ops(networkFile(classifier(twice)))).toContain('biasAdd');
  });
});

const WINDOW = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;

describe('networkFile rejects, in one line,', () => {
  const refused: Readonly<Record<string, readonly [Model, string]>> = {
    'a constant': [
      classifier((scope, x) => scope.op.add(x, scope.fill(1, x.shape))),
      'own: broadcast "body" has a constant input, which no rival supports',
    ],
    'shared weights': [
      classifier((scope, x) => {
        const w = scope.parameter('w', [2, 2, 1, 1]);
        return scope.op.conv2d(scope.op.conv2d(x, w, WINDOW), w, WINDOW);
      }),
      'own: several layers share "body.w", which no rival supports',
    ],
    'other statistics': [
      classifier((scope, x) => {
        const count = scope.buffer('count', [2], 0);
        scope.update('count', scope.op.add(count, scope.fill(1, [2])));
        return x;
      }),
      'own: "body.count" has an update rule other than that of batch norm, which no rival supports',
    ],
    'another task': [
      { ...classifier(conv2d(2, { kernel: 1 })), output: { name: 'pixels', shape: [2, 6, 6] } },
      'own: expected a model with images [C, H, W] as input and one logit per class as output; rivals support no other task',
    ],
  };
  it.each(Object.entries(refused))('%s', (_, [model, problem]) => {
    expect(() => networkFile(model)).toThrow(new DataError('NETWORK', problem));
  });

  it('an additional loss in a training step', async () => {
    const model = await models.find(({ name }) => name === 'googlenet-imagenet')?.load({});
    if (!model) throw new Error('no model');
    expect(() => networkFile(model)).toThrow(
      'googlenet-imagenet: "b4.aux1.conv.w" is trained by an additional loss, which rivals do not support; ' +
        'measure the forward pass',
    );
    expect(networkFile(model, 'forward').state.some(({ name }) => name.includes('aux'))).toBe(false);
  });
});

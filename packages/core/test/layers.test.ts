// The parameters that layers declare and the nodes that they emit. packages/backend-reference tests the computed values.
import type { Activation, Graph, Layer, Model } from '@isonet/core';
import {
  avgPool2d,
  batchNorm,
  batchOf,
  conv2d,
  dense,
  dropout,
  flatten,
  forward,
  gelu,
  globalAvgPool2d,
  gradients,
  GraphError,
  groupNorm,
  hardSigmoid,
  he,
  initialize,
  layerNorm,
  leakyRelu,
  localResponseNorm,
  originText,
  parallel,
  prelu,
  relu,
  sequential,
  ShapeError,
  sigmoid,
  silu,
  stateOf,
  tanh,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';

/** Returns a model for images [2, 8, 8] that averages the layer's result into two classes. */
function model(layer: Layer): Model {
  const rest = { gap: globalAvgPool2d(), flatten: flatten(), fc: dense(2) };
  return {
    name: 'm',
    input: { name: 'images', shape: [2, 8, 8] },
    output: { name: 'logits', shape: [2] },
    layer: sequential({ l: layer, ...rest }),
  };
}

const nodesOf = (graph: Graph, name: string): Graph['nodes'] =>
  graph.nodes.filter((node) => originText(node.origin) === name);
const opsOf = (graph: Graph, name: string): string[] => nodesOf(graph, name).map(({ op }) => op);

describe('batchNorm', () => {
  it('declares scale, bias and running statistics, per channel', () => {
    const { parameters, buffers } = stateOf(model(batchNorm()));
    expect(parameters.slice(0, 2)).toEqual([
      { name: 'l.scale', shape: [2], role: 'scale' },
      { name: 'l.b', shape: [2], role: 'bias' },
    ]);
    expect(buffers).toEqual([
      { name: 'l.mean', shape: [2], initial: 0 },
      { name: 'l.variance', shape: [2], initial: 1 },
    ]);
  });

  it('normalizes with batch statistics in training, with running statistics otherwise', () => {
    const net = model(batchNorm({ epsilon: 0.25 }));
    const evaluated = forward(net, 3).graph;
    expect(opsOf(evaluated, 'l')).toEqual(['batchNormInference']);
    expect(nodesOf(evaluated, 'l')[0]?.attrs).toEqual({ epsilon: 0.25 });
    expect(evaluated.updates).toEqual([]);
    expect(opsOf(gradients(net, 3), 'l')).toContain('batchNorm');
  });

  it('is part of conv2d under the name bn, instead of the bias and before the activation', () => {
    const net = model(conv2d(3, { kernel: 1, batchNorm: true, activation: 'relu' }));
    const { graph, parameters } = forward(net, 1);
    expect(parameters.slice(0, 3).map(({ name }) => name)).toEqual(['l.w', 'l.bn.scale', 'l.bn.b']);
    expect(graph.nodes.slice(0, 3).map(({ op }) => op)).toEqual(['conv2d', 'batchNormInference', 'relu']);
    const both = model(conv2d(3, { kernel: 1, batchNorm: true, bias: true }));
    expect(stateOf(both).parameters.map(({ name }) => name)).toContain('l.b');
  });
});

describe('buffers', () => {
  it('that a layer updates are outputs of the gradients graph', () => {
    const layer: Layer = (scope, x) => {
      const [seen] = [scope.buffer('seen', [], 0), scope.buffer('fixed', [3], 7)];
      scope.update('seen', scope.op.add(seen, scope.fill(1, [])));
      return x;
    };
    const graph = gradients(model(layer), 1);
    const outputs = new Map(graph.outputs.map(({ name, value }) => [name, value]));
    expect(outputs.has('buffer/l.fixed')).toBe(false);
    expect(graph.nodes.find(({ outputs: [value] }) => value === outputs.get('buffer/l.seen'))?.op).toBe(
      'add',
    );
    expect(graph.updates).toEqual([]);
    expect(forward(model(layer), 1).graph.outputs.map(({ name }) => name)).toEqual(['logits']);
  });

  it.each<[string, Layer, typeof GraphError | typeof ShapeError]>([
    [
      'buffer "l.count": updated but not declared',
      (scope, x) => {
        scope.update('count', scope.fill(1, []));
        return x;
      },
      GraphError,
    ],
    [
      'buffer "l.count": updated twice',
      (scope, x) => {
        scope.buffer('count', [], 0);
        scope.update('count', scope.fill(1, []));
        scope.update('count', scope.fill(2, []));
        return x;
      },
      GraphError,
    ],
    [
      'buffer "l.count": expected an update of type float32 [2], got float32 []',
      (scope, x) => {
        scope.buffer('count', [2], 0);
        scope.update('count', scope.fill(1, []));
        return x;
      },
      ShapeError,
    ],
  ])('%s', (message, layer, kind) => {
    expect(() => gradients(model(layer), 1)).toThrow(kind);
    expect(() => gradients(model(layer), 1)).toThrow(message);
  });
});

describe('parallel', () => {
  const branches = {
    p1: conv2d(3, { kernel: 1 }),
    p2: sequential({ a: conv2d(4, { kernel: 1 }), b: conv2d(5, { kernel: 3, padding: 1 }) }),
  };

  it('concatenates the named branches along the channels', () => {
    const { layers, parameters, graph } = forward(model(parallel(branches)), 2);
    expect(layers.slice(0, 5).map(({ path, shape }) => `${path} ${shape.join('x')}`)).toEqual([
      'l.p1 2x3x8x8',
      'l.p2.a 2x4x8x8',
      'l.p2.b 2x5x8x8',
      'l.p2 2x5x8x8',
      'l 2x8x8x8',
    ]);
    expect(parameters.map(({ name }) => name)).toContain('l.p2.b.w');
    expect(nodesOf(graph, 'l')).toMatchObject([{ op: 'concat', attrs: { axis: 1 } }]);
  });

  it('reports shapes that do not fit', () => {
    const uneven = parallel({ ...branches, p3: conv2d(1, { kernel: 3 }) });
    expect(() => forward(model(uneven), 2)).toThrow(
      new ShapeError(
        'concat "l": expected shapes that differ only in axis 1, got [2, 3, 8, 8], [2, 5, 8, 8], [2, 1, 6, 6]',
      ),
    );
  });
});

describe('auxiliary outputs', () => {
  const side: Layer = (scope, x) => {
    const branch = sequential({ gap: globalAvgPool2d(), flatten: flatten(), fc: dense(2) });
    if (scope.training) scope.auxiliary(branch(scope, x), 0.25);
    return x;
  };

  it('add their weighted losses in training, and are absent otherwise', () => {
    const training = gradients(model(side), 3);
    expect(training.nodes.filter(({ op }) => op === 'softmaxCrossEntropy')).toHaveLength(2);
    expect(training.constants.map(({ data }) => data.data[0])).toContain(0.25);
    expect(training.outputs.map(({ name }) => name)).toContain('grad/l.fc.w');
    const { graph, parameters } = forward(model(side), 3);
    expect(graph.nodes.some(({ origin }) => origin.layer.startsWith('l.'))).toBe(false);
    expect(parameters.map(({ name }) => name)).toEqual(['fc.w', 'fc.b']);
    expect(stateOf(model(side)).parameters.map(({ name }) => name)).toEqual([
      'l.fc.w',
      'l.fc.b',
      'fc.w',
      'fc.b',
    ]);
  });
});

describe('dense', () => {
  it('has a weight [units, inputs], a bias and an optional activation', () => {
    const net: Model = {
      name: 'm',
      input: { name: 'images', shape: [3, 2, 2] },
      output: { name: 'logits', shape: [4] },
      layer: sequential({ flatten: flatten(), fc1: dense(5, { activation: 'tanh' }), fc2: dense(4) }),
    };
    const { graph, parameters } = forward(net, 2);
    expect(parameters).toEqual([
      { name: 'fc1.w', shape: [5, 12], role: 'weight' },
      { name: 'fc1.b', shape: [5], role: 'bias' },
      { name: 'fc2.w', shape: [4, 5], role: 'weight' },
      { name: 'fc2.b', shape: [4], role: 'bias' },
    ]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['reshape', 'dense', 'tanh', 'dense']);
  });
});

describe('conv2d', () => {
  it.each([0, -1, 0.5])('rejects %d groups', (groups) => {
    expect(() => forward(model(conv2d(4, { kernel: 3, groups })), 2)).toThrow(
      `conv2d "l": groups: expected an integer of at least 1, got ${groups}`,
    );
  });

  it('accepts only images', () => {
    const rows = sequential({ gap: globalAvgPool2d(), flatten: flatten(), c: conv2d(2, { kernel: 1 }) });
    expect(() => forward(model(rows), 2)).toThrow(
      'conv2d "l.c": expected images float32 [N, C, H, W], got float32 [2, 2]',
    );
  });
});

describe('dropout', () => {
  it('drops only in training, with a separate random stream per layer', () => {
    const net = model(sequential({ a: dropout(0.5), b: dropout(0.25), c: dropout(0) }));
    expect(forward(net, 2).graph.inputs.map(({ name }) => name)).toEqual(['images']);
    const { nodes } = gradients(net, 2);
    const dropped = nodes.filter(({ op }) => op === 'dropout');
    expect(dropped.map(({ origin, attrs }) => [origin.layer, attrs])).toEqual([
      ['l.a', { rate: 0.5 }],
      ['l.b', { rate: 0.25 }],
    ]);
    const streams = nodes.flatMap((node) => (node.op === 'randomUniform' ? [node.attrs.stream] : []));
    expect(new Set(streams).size).toBe(2);
  });

  it.each([-0.5, 1, NaN])('rejects a rate of %d, even in inference mode', (rate) => {
    const text = `dropout "l": rate: expected a number of at least 0 and below 1, got ${rate}`;
    expect(() => forward(model(dropout(rate)), 2)).toThrow(text);
    expect(() => stateOf(model(dropout(rate)))).toThrow(text);
  });
});

describe('pooling, normalization, activations', () => {
  it.each<[string, Layer, object]>([
    [
      'avgPool2d',
      avgPool2d({ kernel: 3, stride: 2, padding: [0, 1] }),
      { kernel: [3, 3], strides: [2, 2], pads: [0, 1, 0, 1], countPadding: false },
    ],
    [
      'avgPool2d',
      avgPool2d({ kernel: 2, countPadding: true }),
      { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], countPadding: true },
    ],
    ['lrn', localResponseNorm(), { size: 5, alpha: 1e-4, beta: 0.75, bias: 1 }],
    ['lrn', localResponseNorm({ size: 3, bias: 2 }), { size: 3, alpha: 1e-4, beta: 0.75, bias: 2 }],
    ['relu', relu(), {}],
    ['leakyRelu', leakyRelu(), { alpha: 0.01 }],
    ['sigmoid', sigmoid(), {}],
    ['hardSigmoid', hardSigmoid(), { alpha: 0.2, beta: 0.5 }],
    ['tanh', tanh(), {}],
    ['gelu', gelu(), { approximate: false }],
    ['gelu', gelu({ approximate: true }), { approximate: true }],
    ['silu', silu(), {}],
    ['prelu', prelu(), {}],
    ['groupNorm', groupNorm(2), { groups: 2, epsilon: 1e-5 }],
    ['layerNorm', layerNorm({ epsilon: 0.25 }), { epsilon: 0.25 }],
  ])('%s', (op, layer, attrs) => {
    expect(nodesOf(forward(model(layer), 1).graph, 'l')).toMatchObject([{ op, attrs }]);
  });
});

describe('a named activation', () => {
  it.each<[Activation, object]>([
    ['gelu', { approximate: false }],
    ['relu', {}],
    ['sigmoid', {}],
    ['silu', {}],
    ['tanh', {}],
  ])('%s', (activation, attrs) => {
    const { nodes } = forward(model(conv2d(2, { kernel: 1, bias: false, activation })), 1).graph;
    expect(nodes.slice(0, 2)).toMatchObject([{ op: 'conv2d' }, { op: activation, attrs }]);
  });

  it.each([
    ['conv2d', (activation: Activation) => conv2d(2, { kernel: 1, activation })],
    ['dense', (activation: Activation) => sequential({ f: flatten(), d: dense(2, { activation }) })],
  ])('of %s must be known', (_, layer) => {
    const net: Model = { ...model(layer('toString' as Activation)), output: { name: 'logits', shape: [2] } };
    expect(() => forward(net, 1)).toThrow(
      /^(conv2d "l|dense "l\.d)": activation: expected one of gelu, relu, sigmoid, silu, tanh, got "toString"; add any other/,
    );
  });
});

describe('groupNorm and layerNorm', () => {
  it('have a scale and a bias per channel, or per value of a sample', () => {
    const { parameters, buffers } = stateOf(model(sequential({ g: groupNorm(1), l: layerNorm() })));
    expect(parameters.slice(0, 4)).toEqual([
      { name: 'l.g.scale', shape: [2], role: 'scale' },
      { name: 'l.g.b', shape: [2], role: 'bias' },
      { name: 'l.l.scale', shape: [2, 8, 8], role: 'scale' },
      { name: 'l.l.b', shape: [2, 8, 8], role: 'bias' },
    ]);
    expect(buffers).toEqual([]);
  });

  it('keep the samples of a batch separate', () => {
    const { graph } = forward(model(sequential({ g: groupNorm(1), l: layerNorm() })), 3);
    const at = batchOf(graph, { images: 0 });
    for (const { outputs } of nodesOf(graph, 'l.g').concat(nodesOf(graph, 'l.l'))) {
      for (const value of outputs) expect(at(value)).toEqual({ axis: 0 });
    }
  });

  it('report shapes that do not fit', () => {
    expect(() => forward(model(groupNorm(3)), 1)).toThrow(
      new ShapeError('groupNorm "l": expected groups to divide the 2 channels, got 3; choose a divisor'),
    );
    const flat: Layer = (scope, x) => layerNorm()(scope, scope.op.reshape(x, { shape: [128] }));
    expect(() => forward(model(flat), 1)).toThrow(
      'layerNorm "l": expected x float32 [N, ...], and scale and bias with the shape of its last axes, got ' +
        'float32 [128], float32 [], float32 []',
    );
  });
});

describe('initial values', () => {
  it("are 1 for batch norm's scales and 0.25 for prelu's slopes, which are not weights", () => {
    const net = model(sequential({ bn: batchNorm(), act: prelu() }));
    const values = initialize(stateOf(net).parameters, he, 1);
    expect(Array.from(values['l.bn.scale']?.data ?? [])).toEqual([1, 1]);
    expect(Array.from(values['l.bn.b']?.data ?? [])).toEqual([0, 0]);
    expect(Array.from(values['l.act.w']?.data ?? [])).toEqual([0.25, 0.25]);
  });
});

describe('dense', () => {
  it('rejects images, and names the layers that flatten them', () => {
    const wrong: Model = { ...model(relu()), layer: sequential({ fc: dense(2) }) };
    expect(() => stateOf(wrong)).toThrow(
      new ShapeError(
        'dense "fc": expected x [N, I], got float32 [1, 2, 8, 8]; add flatten(), or globalAvgPool2d() and flatten(), before it',
      ),
    );
  });
});

import { models } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { makeWorld } from './helpers.ts';

const forbidden = { name: 'onnx', load: () => Promise.reject(new Error('a backend was loaded')) };
const tables = { models, backends: [forbidden] };

describe('isonet summary', () => {
  it('prints the rows of the book for NiN, with the cost of each layer', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.runWith({ tables }, 'summary', 'nin');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "                                                       parameters  multiply-adds
      Layer.name nin1      - Output Shape - (1, 24, 26, 26)       1,440        924,768
      Layer.name pool1     - Output Shape - (1, 24, 25, 25)           0              0
      Layer.name nin2      - Output Shape - (1, 64, 14, 14)      22,208      4,315,136
      Layer.name pool2     - Output Shape - (1, 64, 13, 13)           0              0
      Layer.name nin3      - Output Shape - (1, 96, 6, 6)       117,024      4,202,496
      Layer.name pool3     - Output Shape - (1, 96, 2, 2)             0              0
      Layer.name dropout   - Output Shape - (1, 96, 2, 2)             0              0
      Layer.name nin4      - Output Shape - (1, 10, 2, 2)         8,870         35,360
      Layer.name gap       - Output Shape - (1, 10, 1, 1)             0              0
      Layer.name flatten   - Output Shape - (1, 10)                   0              0
      total for 1x1x28x28                                       149,542      9,477,760
      "
    `);
  });

  it('accepts another input shape: the 224x224 of the chapter', async () => {
    const world = await makeWorld();
    const { stdout } = await world.runWith({ tables }, 'summary', 'nin', '--input', '2x1x224x224', '--json');
    const { input, layers, parameters } = JSON.parse(stdout) as {
      input: number[];
      layers: { name: string; outputShape: number[]; multiplyAdds: number }[];
      parameters: number;
    };
    expect(input).toEqual([2, 1, 224, 224]);
    expect(layers[0]).toMatchObject({ name: 'nin1', outputShape: [2, 24, 222, 222] });
    // Per position and per 24 output channels: 3x3 weights of one channel, then twice 1x1 weights of 24 channels.
    expect(layers[0]?.multiplyAdds).toBe(2 * 222 * 222 * 24 * (9 + 24 + 24));
    expect(layers.at(-1)).toMatchObject({ name: 'flatten', outputShape: [2, 10] });
    expect(parameters).toBe(149_542);
  });

  it('names the layer that an input does not fit', async () => {
    const world = await makeWorld();
    const { code, stderr } = await world.runWith({ tables }, 'summary', 'nin', '--input', '1x1x8x8');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: maxPool2d "pool3": [^\n]+\n$/);
  });
});

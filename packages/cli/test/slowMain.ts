// The command line with ONNX Runtime and a network whose steps take seconds, as the process that interrupt.test.ts starts.
import { onnx } from '@isonet/backend-onnx';
import { classification, conv2d, flatten, globalAvgPool2d, sequential } from '@isonet/core';
import { main } from '../src/cli.ts';
import { processIo } from '../src/processIo.ts';

const hidden = { kernel: 3, padding: 1, activation: 'relu' } as const;

process.exitCode = await main(process.argv.slice(2), processIo(), {
  backends: [{ name: 'onnx', load: () => Promise.resolve(onnx) }],
  models: [
    {
      name: 'slow',
      text: 'a test',
      task: classification(),
      network: 'nin',
      dropout: false,
      load: () =>
        Promise.resolve({
          name: 'slow',
          input: { name: 'images', shape: [1, 28, 28] },
          output: { name: 'logits', shape: [10] },
          layer: sequential({
            c1: conv2d(320, hidden),
            c2: conv2d(320, hidden),
            c3: conv2d(320, hidden),
            c4: conv2d(320, hidden),
            last: conv2d(10, { kernel: 1 }),
            gap: globalAvgPool2d(),
            flatten: flatten(),
          }),
        }),
    },
  ],
});

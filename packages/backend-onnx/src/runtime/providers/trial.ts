// A tiny session that shows whether a provider computes: a convolution of nine whole numbers. A provider may choose Winograd's
// algorithm or Fourier transforms, which round, so the sum may differ from the exact one by a little.
import { defined, float32, GraphBuilder } from '@isonet/core';
import { encodeModel, staticDims, training, writeGraph } from '@isonet/onnx/write';
import type { Sessions, SessionSettings } from '../sessions.ts';

const EXPECTED = 285;
const TOLERANCE = 0.5;

/** @throws whatever ONNX Runtime says where it does not compute, and Error where the result is wrong */
export async function trial(runtime: Sessions, settings: SessionSettings): Promise<void> {
  const b = new GraphBuilder('trial');
  const image = { dtype: 'float32', shape: [1, 1, 3, 3] } as const;
  const [x, w] = [b.input('x', image), b.input('w', image)];
  b.output('y', b.op.conv2d(x, w, { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 }));
  const graph = b.build();
  const { graph: onnx } = writeGraph(graph, { dims: staticDims(graph), table: training });
  const session = await runtime.createSession(encodeModel(onnx), settings);
  try {
    const numbers = float32(image.shape, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const tensor = runtime.tensor(numbers);
    const { y } = await session.run({ x: tensor, w: tensor }, ['y']);
    const sum = Number(defined(y, 'the result of the trial').data[0]);
    const isRight = Math.abs(sum - EXPECTED) < TOLERANCE; // false for NaN
    if (!isRight) throw new Error(`the sum of nine squares came back as ${sum}, expected ${EXPECTED}`);
  } finally {
    await session.release();
  }
}

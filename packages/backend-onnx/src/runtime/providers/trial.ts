// A tiny session that checks whether a provider works: a convolution of nine integers. A provider may choose Winograd's algorithm or
// Fourier transforms, which round, so the result may differ slightly from the exact sum.
import { defined, float32, GraphBuilder } from '@isonet/core';
import { encodeModel, staticDims, training, writeGraph } from '@isonet/onnx/write';
import type { Sessions, SessionSettings } from '../sessions.ts';

const EXPECTED = 285;
const TOLERANCE = 0.5;

/** Runs the trial. @throws ONNX Runtime's error if it fails to compute, or Error if the result is wrong */
export async function trial(runtime: Sessions, settings: SessionSettings): Promise<void> {
  const b = new GraphBuilder('trial');
  const image = { dtype: 'float32', shape: [1, 1, 3, 3] } as const;
  const [x, w] = [b.input('x', image), b.input('w', image)];
  b.output('y', b.op.conv2d(x, w, { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 }));
  const graph = b.build();
  const { graph: onnx } = writeGraph(graph, { dims: staticDims(graph), table: training });
  const session = await runtime.createSession(encodeModel(onnx), settings);
  try {
    const tensor = runtime.tensor(float32(image.shape, [1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const { y } = await session.run({ x: tensor, w: tensor }, ['y']);
    const sum = Number(defined(y, 'the result of the trial').data[0]);
    const isClose = Math.abs(sum - EXPECTED) < TOLERANCE; // false for NaN
    if (!isClose) throw new Error(`the sum of nine squares: expected ${EXPECTED}, got ${sum}`);
  } finally {
    await session.release();
  }
}

// Detects the number of channels in a block of ONNX Runtime's own layout on this processor, by reordering a small tensor.
import { defined, float32 } from '@isonet/core';
import { encodeModel } from '@isonet/onnx/write';
import type { Runtime, SessionSettings } from '../../runtime/load.ts';

const CHANNELS = 16;
const PIXELS = 2;

/** Detects the block size. @returns undefined if the library has no such layout (on some processors, and in WebAssembly) */
export async function findBlock(runtime: Runtime, settings: SessionSettings): Promise<number | undefined> {
  const shape = [1, CHANNELS, 1, PIXELS];
  const model = encodeModel({
    name: 'layout',
    nodes: [
      {
        name: 'reorder',
        opType: 'ReorderInput',
        domain: 'com.microsoft.nchwc',
        inputs: ['x'],
        outputs: ['y'],
        attrs: {},
      },
    ],
    initializers: [],
    inputs: [{ name: 'x', dtype: 'float32', dims: shape }],
    outputs: [{ name: 'y', dtype: 'float32', dims: shape }],
  });
  let session;
  try {
    session = await runtime.createSession(model, settings);
    const elements = Float32Array.from({ length: CHANNELS * PIXELS }, (_, i) => i);
    const { y } = await session.run({ x: runtime.tensor(float32(shape, elements)) }, ['y']);
    // The first channel's second pixel, whose value is 1, follows a whole block of first pixels.
    const block = Array.from(defined(y, 'the reordered tensor').data as Float32Array).indexOf(1);
    return block > 1 && CHANNELS % block === 0 ? block : undefined;
  } catch {
    return undefined;
  } finally {
    await session?.release();
  }
}

// ONNX Runtime's provider on the processor, which is always there: in the library's own layout, or in standard operators alone.
import type { Claims, DeviceInfo, Node, OpenOptions, TensorType } from '@isonet/core';
import { blocked } from '../../lowering/blocked/index.ts';
import { findBlock } from '../../lowering/blocked/findBlock.ts';
import { layoutOf } from '../../lowering/blocked/layout.ts';
import { kernels } from '../../lowering/portable.ts';
import type { Runtime } from '../load.ts';
import type { OpenProvider, Provider } from './provider.ts';
import { checkNoTf32 } from './provider.ts';

/**
 * Infinities and NaN are IEEE's in arithmetic. ReduceMax drops NaN, and so does MaxPool, which moreover gives -3.4e38 for some
 * windows of nothing but -Infinity: it depends on where in the image they lie.
 */
const claims: Claims = {
  heldAs: 'float32',
  reproducible: true,
  subnormals: true,
  nonFinite: true,
  maxima: { max: 'all', reduceMax: 'infinities', maxPool2d: 'none' },
};

/** Trains in the library's own layout where it has one here, which is two to three times as fast. */
export const cpu: Provider = {
  id: 'cpu',
  find: (runtime) => infoOf('cpu', runtime, runtime.threads),
  open: async (runtime, options) => {
    const opened = openOn('cpu', runtime, options);
    const block = await findBlock(runtime, opened.session);
    return block === undefined
      ? opened
      : { ...opened, table: blocked(layoutOf(block)), refuses: reasonAgainst };
  },
};

/** The same in standard operators alone, as graphs are exported: to compare with, and for processors without that layout. */
export const portable: Provider = {
  id: 'portable',
  find: (runtime) => infoOf('portable', runtime, runtime.threads),
  open: (runtime, options) => Promise.resolve(openOn('portable', runtime, options)),
};

type CpuId = 'cpu' | 'portable';

function openOn(id: CpuId, runtime: Runtime, options: OpenOptions): OpenProvider {
  checkNoTf32(id, options);
  const { threads = runtime.threads } = options;
  const info = infoOf(id, runtime, threads);
  return {
    info,
    claims,
    session: { provider: 'cpu', threads },
    table: kernels,
    inChunks: id === 'cpu',
    settings: { threads },
    runtime: [info.text, ...runtime.features],
  };
}

/** The layout is one of images. */
function reasonAgainst({ op }: Node, [x]: readonly TensorType[]): string | undefined {
  const isOfImages = op !== 'batchNorm' && op !== 'batchNormGrad';
  return isOfImages || x?.shape.length === 4
    ? undefined
    : 'its kernel takes images [N, C, H, W]; its decomposition is written';
}

function infoOf(id: CpuId, { version, processor }: Runtime, threads: number): DeviceInfo {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  const how = id === 'portable' ? ' in standard operators' : '';
  return { id, kind: 'cpu', text: `ONNX Runtime ${version}${how}, ${count}, ${processor}` };
}

// ONNX Runtime's CPU provider, which is always available: with the library's own layout, or with standard operators only.
import type { Claims, DeviceInfo, Node, OpenOptions, TensorType } from '@isonet/core';
import { blocked } from '../../lowering/blocked/index.ts';
import { findBlock } from '../../lowering/blocked/findBlock.ts';
import { layoutOf } from '../../lowering/blocked/layout.ts';
import { kernels } from '../../lowering/portable.ts';
import type { Runtime } from '../load.ts';
import type { OpenProvider, Provider } from './provider.ts';
import { checkNoTf32 } from './provider.ts';

/**
 * The claims of the provider. Arithmetic handles infinities and NaN as IEEE 754 requires. ReduceMax and MaxPool drop NaN, and MaxPool
 * also returns -3.4e38 for some windows that contain only -Infinity, depending on their position in the image.
 */
const claims: Claims = {
  heldAs: 'float32',
  reproducible: true,
  subnormals: true,
  nonFinite: true,
  maxima: { max: 'all', reduceMax: 'infinities', maxPool2d: 'none' },
};

/** Uses the library's own layout if it has one for this processor. Training is then two to three times as fast. */
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

/** Uses only standard operators, exactly as graphs are exported: for comparison, and for processors without the layout. */
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

/** Returns why the table does not support a node: the layout is only for images. */
function reasonAgainst({ op }: Node, [x]: readonly TensorType[]): string | undefined {
  const isOfImages = op !== 'batchNorm' && op !== 'batchNormGrad';
  return isOfImages || x?.shape.length === 4
    ? undefined
    : 'its kernel supports only images [N, C, H, W]; its decomposition is used instead';
}

function infoOf(id: CpuId, { version, processor }: Runtime, threads: number): DeviceInfo {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  const how = id === 'portable' ? ' in standard operators' : '';
  return { id, kind: 'cpu', text: `ONNX Runtime ${version}${how}, ${count}, ${processor}` };
}

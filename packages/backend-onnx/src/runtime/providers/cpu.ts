// ONNX Runtime's provider on the processor, which is always there.
import type { Claims, DeviceInfo } from '@isonet/core';
import { kernels } from '../../lowering/portable.ts';
import type { Runtime } from '../load.ts';
import type { Provider } from './provider.ts';
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

export const cpu: Provider = {
  id: 'cpu',
  find: (runtime) => infoOf(runtime, runtime.threads),
  open: (runtime, options) => {
    checkNoTf32('cpu', options);
    const { threads = runtime.threads } = options;
    const info = infoOf(runtime, threads);
    return Promise.resolve({
      info,
      claims,
      session: { provider: 'cpu', threads },
      table: kernels,
      settings: { threads },
      runtime: [info.text, ...runtime.features],
    });
  },
};

function infoOf({ version, processor }: Runtime, threads: number): DeviceInfo {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return { id: 'cpu', kind: 'cpu', text: `ONNX Runtime ${version}, ${count}, ${processor}` };
}

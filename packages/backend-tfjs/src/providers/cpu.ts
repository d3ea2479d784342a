// The provider of TensorFlow.js's plain JavaScript. It also loads the copy of TensorFlow.js that this package depends on.
import type { DeviceInfo } from '@isonet/core';
import { portable, portableClaims } from '../portable/index.ts';
import type { Tf } from '../tf.ts';
import { start } from '../tf.ts';
import type { Provider } from './provider.ts';
import { checkNoTf32, checkOneThread, plainSettings, runtimeText } from './provider.ts';

const info: DeviceInfo = { id: 'cpu', kind: 'cpu', text: "TensorFlow.js's plain JavaScript; slow" };

export const cpu: Provider = {
  id: 'cpu',
  find: () => info,
  open: async (options) => {
    checkOneThread('cpu', options);
    checkNoTf32('cpu', options);
    const tf = await loadTfjs();
    await start(tf, 'cpu');
    const { platform, arch, versions } = process;
    return {
      info: { ...info, text: `TensorFlow.js ${tf.version_core}'s plain JavaScript; slow` },
      claims: portableClaims,
      tf,
      backendName: 'cpu',
      images: portable(tf),
      settings: plainSettings,
      // Sums are computed in float64 and rounded when they are stored, so each result is float32. exp and log are
      // those of V8.
      runtime: runtimeText(tf, `plain JavaScript on V8 ${versions.v8}, ${platform} ${arch}`),
    };
  },
};

export async function loadTfjs(): Promise<Tf> {
  // Not '@tensorflow/tfjs': it adds layers, converters and two more backends (230 MB), and core-js's install script.
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu'); // registers itself and its kernels
  tf.enableProdMode(); // keeps it from advertising its Node package on stderr
  return tf;
}

// TensorFlow.js 4.22.0, wasm: max pooling drops the gradient of a window whose maximum is not positive.
//   node packages/backend-tfjs/faults/wasmMaxPoolGradient.mjs
import * as tf from '@tensorflow/tfjs';
// Imported for its side effect: it registers the backend.
await import('@tensorflow/tfjs-backend-wasm');

await tf.setBackend('wasm');
const dy = tf.tensor4d([1], [1, 1, 1, 1]);
const x = tf.tensor4d([-4, -1, -3, -2], [1, 2, 2, 1]);
const y = tf.maxPool(x, 2, 1, 'valid');
const inputs = { dy, input: x, output: y };
const attrs = { filterSize: 2, strides: 1, pad: 'valid' };
const dx = tf.engine().runKernel('MaxPoolGrad', inputs, attrs);
console.log('expected', [0, 1, 0, 0], 'got', Array.from(await dx.data()));

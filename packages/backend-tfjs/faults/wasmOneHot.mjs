// TensorFlow.js 4.22.0, wasm: oneHot with dtype float32 returns the bits of integers instead of floats.
//   node packages/backend-tfjs/faults/wasmOneHot.mjs
import * as tf from '@tensorflow/tfjs';
// Imported for its side effect: it registers the backend.
await import('@tensorflow/tfjs-backend-wasm');

await tf.setBackend('wasm');
const y = tf.oneHot(tf.tensor1d([1], 'int32'), 3, 1, 0, 'float32');
console.log('expected', [0, 1, 0], 'got', Array.from(await y.data()));

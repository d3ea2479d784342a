// TensorFlow.js 4.22.0, cpu and wasm: with padding, the gradient of average pooling divides by the whole window, though the
// average itself is taken over the pixels alone.
//   node packages/backend-tfjs/faults/averagePoolGradient.mjs
import * as tf from '@tensorflow/tfjs';
// For what it does when it is loaded.
await import('@tensorflow/tfjs-backend-wasm');

for (const backend of ['cpu', 'wasm']) {
  await tf.setBackend(backend);
  // Each of the four windows lies over all four pixels.
  const x = tf.ones([1, 2, 2, 1]);
  const y = tf.avgPool(x, 3, 1, 'same');
  const dx = tf.grad((image) => tf.avgPool(image, 3, 1, 'same').sum())(x);
  const got = { y: Array.from(await y.data()), dx: Array.from(await dx.data()) };
  console.log(backend, 'expected', { y: [1, 1, 1, 1], dx: [1, 1, 1, 1] }, 'got', got);
}

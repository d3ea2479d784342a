// TensorFlow.js 4.22.0, cpu and wasm: with padding, the gradient of average pooling divides by the size of the whole
// window, but the average itself divides by the number of the window's pixels inside the image.
//   node packages/backend-tfjs/faults/averagePoolGradient.mjs
import * as tf from '@tensorflow/tfjs';
// Imported for its side effect: it registers the backend.
await import('@tensorflow/tfjs-backend-wasm');

for (const backend of ['cpu', 'wasm']) {
  await tf.setBackend(backend);
  // Each of the four windows covers all four pixels.
  const x = tf.ones([1, 2, 2, 1]);
  const y = tf.avgPool(x, 3, 1, 'same');
  const dx = tf.grad((image) => tf.avgPool(image, 3, 1, 'same').sum())(x);
  const got = { y: Array.from(await y.data()), dx: Array.from(await dx.data()) };
  console.log(backend, 'expected', { y: [1, 1, 1, 1], dx: [1, 1, 1, 1] }, 'got', got);
}

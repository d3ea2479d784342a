// onnxruntime-node 1.30.0, webgpu: a session that uses MaxPool's second output can be created, but fails when it runs. Needs a Vulkan
// driver.
//   node packages/backend-onnx/faults/webgpuMaxPoolIndices.mjs
import { InferenceSession, Tensor } from 'onnxruntime-node';

// x: float32 [1, 1, 2, 2] -> MaxPool, kernel_shape [2, 2] -> y: float32 [1, 1, 1, 1], places: int64 [1, 1, 1, 1]
const model = Buffer.from(
  'CAgSBmlzb25ldBoFMC4zLjA6mgEKNAoBeBIBeRIGcGxhY2VzGgRwb29sIgdNYXhQb29sKhUKDGtlcm5lbF9zaGFwZUACQAKgAQcSBnBvb2xlZFobCgF4EhYK' +
    'FAgBEhAKAggBCgIIAQoCCAIKAggCYhsKAXkSFgoUCAESEAoCCAEKAggBCgIIAQoCCAFiIAoGcGxhY2VzEhYKFAgHEhAKAggBCgIIAQoCCAEKAggBQgQKABAR',
  'base64',
);
const session = await InferenceSession.create(model, { executionProviders: ['webgpu'], logSeverityLevel: 4 });
const x = new Tensor('float32', [1, 3, 2, 0], [1, 1, 2, 2]);
const got = await session.run({ x }).then(
  ({ places }) => places.data,
  (error) => error.message.trim().split('\n')[0],
);
console.log('expected', [1n], 'got', got);

// onnxruntime-node 1.30.0, webgpu: ConvTranspose with several channels per group reads the wrong channels. Needs a Vulkan driver.
//   node packages/backend-onnx/faults/webgpuConvTransposeGroups.mjs
import { InferenceSession, Tensor } from 'onnxruntime-node';

// x: float32 [1, 4, 1, 1], w: float32 [4, 1, 1, 1] -> ConvTranspose, kernel_shape [1, 1], group 2 -> y: float32 [1, 2, 1, 1]
const model = Buffer.from(
  'CAgSBmlzb25ldBoFMC4zLjA6pgEKRQoBeAoBdxIBeRoGc3ByZWFkIg1Db252VHJhbnNwb3NlKhUKDGtlcm5lbF9zaGFwZUABQAGgAQcqDAoFZ3JvdXAYAqABAhIGc3By' +
    'ZWFkWhsKAXgSFgoUCAESEAoCCAEKAggECgIIAQoCCAFaGwoBdxIWChQIARIQCgIIBAoCCAEKAggBCgIIAWIbCgF5EhYKFAgBEhAKAggBCgIIAgoCCAEKAggBQgQKABAR',
  'base64',
);
const x = new Tensor('float32', [1, 10, 100, 1000], [1, 4, 1, 1]);
const w = new Tensor('float32', [1, 2, 3, 4], [4, 1, 1, 1]);
const session = await InferenceSession.create(model, { executionProviders: ['webgpu'], logSeverityLevel: 4 });
const { y } = await session.run({ x, w });
console.log('expected', [1 * 1 + 10 * 2, 100 * 3 + 1000 * 4], 'got', Array.from(y.data));

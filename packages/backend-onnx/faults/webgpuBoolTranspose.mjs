// onnxruntime-node 1.30.0, webgpu: when the library converts a graph to its own layout, it may insert a transpose of
// bools, for which it has no kernel. The graph then fails, although each of its own operators has a kernel. With
// preferredLayout NCHW, it runs. Needs a Vulkan driver.
//   node packages/backend-onnx/faults/webgpuBoolTranspose.mjs
import { InferenceSession } from 'onnxruntime-node';

// x: float32 [1, 2, 2, 2] -> MaxPool, kernel_shape [1, 1]; mask: bool [1, 2, 2, 2] -> Where(mask, pooled, 0) -> y: float32 [1, 2, 2, 2]
const model = Buffer.from(
  'CAgSBmlzb25ldBoFMC4zLjA6mgIKaAoBeBIObWFza2VkL01heFBvb2waDm1hc2tlZC9NYXhQb29sIgdNYXhQb29sKhUKDGtlcm5lbF9zaGFwZUABQAGgAQcqEAoHc3Ry' +
    'aWRlc0ABQAGgAQcqEQoEcGFkc0AAQABAAEAAoAEHCjgKBG1hc2sKDm1hc2tlZC9NYXhQb29sCghjb25zdGFudBIBeRoMbWFza2VkL1doZXJlIgVXaGVyZRIGbWFza2Vk' +
    'KhIQAUIIY29uc3RhbnRKBAAAAABaGwoBeBIWChQIARIQCgIIAQoCCAIKAggCCgIIAloeCgRtYXNrEhYKFAgJEhAKAggBCgIIAgoCCAIKAggCYhsKAXkSFgoUCAESEAoC' +
    'CAEKAggCCgIIAgoCCAJCBAoAEBE=',
  'base64',
);
const strict = { session: { disable_cpu_ep_fallback: '1' } };
for (const preferredLayout of ['NHWC', 'NCHW']) {
  const executionProviders = [{ name: 'webgpu', preferredLayout }];
  const got = await InferenceSession.create(model, {
    executionProviders,
    logSeverityLevel: 4,
    extra: strict,
  }).then(
    () => 'a session',
    (error) => error.message.trim().split('\n')[0],
  );
  console.log(preferredLayout, 'expected a session, got', got);
}

// onnxruntime-node 1.30.0: an optimizer turns the zeros of a Pad into MaxPool's own padding, which MaxPool ignores.
// Python's onnxruntime 1.32.0 is correct.
//   node packages/backend-onnx/faults/padFusion.mjs
import { InferenceSession, Tensor } from 'onnxruntime-node';

// x: float32 [1, 1, 2, 2] -> Pad with one 0 on each side -> MaxPool, kernel_shape and strides [2, 2] -> y: float32 [1, 1, 2, 2]
const model = Buffer.from(
  'CAgSBmlzb25ldBoFMC4zLjA6rwIKLAoBeAoIY29uc3RhbnQKCmNvbnN0YW50XzISBWcvUGFkGgVnL1BhZCIDUGFkCloKBWcvUGFkEgF5GglnL01heFBvb2' +
    'wiB01heFBvb2wqFQoMa2VybmVsX3NoYXBlQAJAAqABByoQCgdzdHJpZGVzQAJAAqABByoRCgRwYWRzQABAAEAAQACgAQcSAWcqUAgIEAdCCGNvbnN0YW50' +
    'SkAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAAKhQQAUIKY29uc3RhbnRfMkoEAAAAAF' +
    'obCgF4EhYKFAgBEhAKAggBCgIIAQoCCAIKAggCYhsKAXkSFgoUCAESEAoCCAEKAggBCgIIAgoCCAJCBAoAEBE=',
  'base64',
);
const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
const { y } = await session.run({ x: new Tensor('float32', [-1, -2, -3, -4], [1, 1, 2, 2]) });
console.log('expected', [0, 0, 0, 0], 'got', y.data);

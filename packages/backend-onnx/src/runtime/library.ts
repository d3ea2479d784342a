// ONNX Runtime as a native library: its version, and the npm packages that contain its builds.
import type { NativeLibrary } from '@isonet/native';

export const library: NativeLibrary = {
  title: 'ONNX Runtime',
  version: '1.30.0',
  original: {
    name: 'onnxruntime-node',
    addon: (platform, architecture) => `bin/napi-v6/${platform}/${architecture}/onnxruntime_binding.node`,
  },
  packages: {
    'linux-x64': '@isonet/onnxruntime-linux-x64',
    'linux-arm64': '@isonet/onnxruntime-linux-arm64',
    'darwin-arm64': '@isonet/onnxruntime-darwin-arm64',
    'win32-x64': '@isonet/onnxruntime-win32-x64',
    'win32-arm64': '@isonet/onnxruntime-win32-arm64',
  },
  addon: 'onnxruntime_binding.node',
  // Not needed on macOS, which distinguishes copies by their paths.
  shared: { linux: 'libonnxruntime.so.1', win32: 'onnxruntime.dll' },
  instead: 'the tfjs backend, whose WebAssembly runs anywhere',
};

// Dawn's Node addon: where it is installed, and what is used of it. Browsers never load this file.
import type { NativeLibrary } from '@isonet/native';
import { loadAddon } from '@isonet/native';

/** What the addon exports, as far as it is used here. */
interface Addon {
  /** @param options Dawn's own, e.g. `backend=vulkan` */
  create(options: readonly string[]): GPU;
}

export const library: NativeLibrary = {
  title: 'Dawn',
  version: '0.6.2',
  original: {
    name: 'webgpu',
    addon: (platform, architecture) =>
      `dist/${platform}-${platform === 'darwin' ? 'universal' : architecture}/dawn.node`,
  },
  packages: {
    'linux-x64': '@isonet/dawn-linux-x64',
    'linux-arm64': '@isonet/dawn-linux-arm64',
    'darwin-arm64': '@isonet/dawn-darwin-universal',
    'darwin-x64': '@isonet/dawn-darwin-universal',
    'win32-x64': '@isonet/dawn-win32-x64',
    'win32-arm64': '@isonet/dawn-win32-arm64',
  },
  addon: 'dawn.node',
  instead: 'the onnx or the tfjs backend',
};

/** @throws NativeError when the addon is not there or the system refuses it */
export function loadDawn(): Addon {
  return loadAddon(library, import.meta.url) as Addon;
}

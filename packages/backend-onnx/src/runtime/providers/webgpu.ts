// ONNX Runtime's own WebGPU provider, which its builds for Linux x64 contain. `auto` selects isonet's WebGPU backend instead.
import { basename, join } from 'node:path';
import type { DeviceInfo } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { entriesOf, missingVulkan, textOf, vulkanDrivers } from '@isonet/native';
import { cardText } from '../cuda/card.ts';
import { windows } from '../../lowering/windows/index.ts';
import type { Runtime } from '../load.ts';
import { firstLine } from '../tensors.ts';
import type { Provider } from './provider.ts';
import { absenceError, absentDevice, checkNoTf32, checkNoThreads } from './provider.ts';
import { trial } from './trial.ts';
import { claims, reasonAgainst } from './webgpuFaults.ts';

export const webgpu: Provider = {
  id: 'webgpu',
  find: (runtime) => {
    const absent = missing(runtime);
    return absent === undefined ? infoOf(runtime) : absentDevice('webgpu', absent);
  },
  open: async (runtime, options) => {
    checkNoThreads('webgpu', options);
    checkNoTf32('webgpu', options);
    const absent = missing(runtime);
    if (absent !== undefined) throw absenceError('webgpu', absent);
    const session = { provider: 'webgpu', threads: 1 };
    try {
      await trial(runtime, session);
    } catch (error) {
      // In the library's messages, names of files and functions precede the reason.
      const line = firstLine(error).replace(/^.* was false\. /, '');
      const reason = `ONNX Runtime's WebGPU provider failed to start: ${line}`;
      const fix = "update the GPU's driver, or use the webgpu backend";
      throw absenceError('webgpu', { code: 'WEBGPU_FAILED', reason, fix }, error);
    }
    const info = infoOf(runtime);
    const card = cardText();
    const drivers = vulkanDrivers().map((path) => basename(path));
    return {
      info,
      claims,
      session,
      table: windows,
      inChunks: false,
      refuses: reasonAgainst,
      settings: {},
      // The library does not report its adapter, so this lists everything that may identify it, and the processor for software drivers.
      runtime: [
        info.text,
        ...drivers,
        ...(card === '' ? [] : [card]),
        runtime.processor,
        ...runtime.features,
      ],
    };
  },
};

function missing(runtime: Runtime): Missing | undefined {
  const platform = `${process.platform} ${process.arch}`;
  if (platform !== 'linux x64' || !runtime.providers.includes('webgpu')) {
    return {
      code: 'WEBGPU_PLATFORM',
      reason: `ONNX Runtime's WebGPU provider needs linux x64, got ${platform}`,
      fix: 'use the webgpu backend',
    };
  }
  const absent = missingVulkan();
  if (absent !== undefined) return absent;
  if (onlySoftware() || hasHardware()) return undefined;
  return {
    code: 'NO_GPU',
    reason: 'this machine has no GPU, although drivers are registered with Vulkan',
    fix: 'open "cpu", or set VK_DRIVER_FILES to the .json file of a software driver',
  };
}

function infoOf({ version }: Runtime): DeviceInfo {
  const software = onlySoftware() || !hasHardware();
  const where = software ? 'a software driver' : 'a GPU';
  const text = `ONNX Runtime ${version}'s own WebGPU provider on ${where}; experimental`;
  return { id: 'webgpu', kind: software ? 'software' : 'gpu', text };
}

const SOFTWARE = /swiftshader|lvp|lavapipe|llvmpipe/i;

/** Returns whether all drivers are software drivers. The provider does not report its adapter, but it prefers hardware. */
function onlySoftware(): boolean {
  return vulkanDrivers().every((path) => SOFTWARE.test(basename(path)));
}

/** The PCI vendor ids of AMD, NVIDIA and Intel. Other cards may be virtual ones, which are emulated on the CPU. */
const VENDORS = new Set(['0x1002', '0x10de', '0x8086']);

/** Returns whether the machine has a GPU. @param root for tests: another root folder */
export function hasHardware(root = '/'): boolean {
  const devices = entriesOf(join(root, 'dev'));
  if (devices.some((name) => /^(nvidia\d+|dxg)$/.test(name))) return true;
  const folder = join(root, 'sys/class/drm');
  return entriesOf(folder)
    .filter((name) => /^renderD\d+$/.test(name))
    .some((name) => VENDORS.has(textOf(join(folder, name, 'device/vendor')).trim()));
}

// ONNX Runtime's own WebGPU provider, which its builds for linux x64 bring. `auto` takes isonet's own WebGPU backend
// instead.
import { basename, join } from 'node:path';
import type { DeviceInfo } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { entriesOf, missingVulkan, textOf, vulkanDrivers } from '@isonet/native';
import { cardText } from '../cuda/card.ts';
import { windows } from '../../lowering/windows/index.ts';
import type { Runtime } from '../load.ts';
import { firstLine } from '../tensors.ts';
import type { Provider } from './provider.ts';
import { absence, absentDevice, checkNoTf32, checkNoThreads } from './provider.ts';
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
    if (absent !== undefined) throw absence('webgpu', absent);
    const session = { provider: 'webgpu', threads: 1 };
    try {
      await trial(runtime, session);
    } catch (error) {
      // The library puts the names of its files and functions before the reason.
      const said = firstLine(error).replace(/^.* was false\. /, '');
      const reason = `ONNX Runtime's WebGPU provider does not start: ${said}`;
      const fix = "update the GPU's driver, or use the webgpu backend";
      throw absence('webgpu', { code: 'WEBGPU_FAILED', reason, fix }, error);
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
      // The library does not tell which adapter it took: what may tell one from another, and the processor, for software drivers.
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
      reason: `ONNX Runtime's WebGPU provider is offered on linux x64 only; this is ${platform}`,
      fix: 'use the webgpu backend',
    };
  }
  const absent = missingVulkan();
  if (absent !== undefined) return absent;
  if (onlySoftware() || hasHardware()) return undefined;
  return {
    code: 'NO_GPU',
    reason: 'no GPU is here, though drivers are registered with Vulkan',
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

/** The provider does not tell which adapter it took. It takes hardware first. */
function onlySoftware(): boolean {
  return vulkanDrivers().every((path) => SOFTWARE.test(basename(path)));
}

/** The makers of GPUs, by their PCI numbers: AMD, NVIDIA, Intel. A virtual machine's own card is drawn by its processor. */
const MAKERS = new Set(['0x1002', '0x10de', '0x8086']);

/** @param root for tests */
export function hasHardware(root = '/'): boolean {
  const devices = entriesOf(join(root, 'dev'));
  if (devices.some((name) => /^(nvidia\d+|dxg)$/.test(name))) return true;
  const folder = join(root, 'sys/class/drm');
  return entriesOf(folder)
    .filter((name) => /^renderD\d+$/.test(name))
    .some((name) => MAKERS.has(textOf(join(folder, name, 'device/vendor')).trim()));
}

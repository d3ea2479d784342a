// Describes the machine: the card according to nvidia-smi, and which of the libraries for WebGPU and CUDA can be loaded, or why not.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@isonet/core';
import { runPart, WrongResult } from '../kit/part.ts';

const CARD_FIELDS = [
  'name',
  'driver_version',
  'compute_cap',
  'memory.total',
  'memory.used',
  'utilization.gpu',
  'clocks.max.sm',
  'clocks.max.memory',
  'power.limit',
  'mig.mode.current',
];

const LIBRARIES = {
  vulkan: ['libvulkan.so.1', 'libGLX_nvidia.so.0', 'libEGL_nvidia.so.0'],
  cuda: [
    'libcuda.so.1',
    'libcudart.so.13',
    'libcublas.so.13',
    'libcublasLt.so.13',
    'libcudnn.so.9',
    'libcurand.so.10',
    'libnvrtc.so.13',
  ],
};

const MANIFEST_FOLDERS = ['/etc', '/usr/share', '/usr/local/share', '/usr/local/nvidia/share'].map(
  (folder) => `${folder}/vulkan/icd.d`,
);

async function card(): Promise<Readonly<Record<string, string>>> {
  const query = [`--query-gpu=${CARD_FIELDS.join(',')}`, '--format=csv,noheader'];
  const { stdout } = await promisify(execFile)('nvidia-smi', query);
  const [first = ''] = stdout.trim().split('\n');
  const values = first.split(',').map((value) => value.trim());
  return Object.fromEntries(CARD_FIELDS.map((field, i) => [field, values[i] ?? '']));
}

/** Returns `loaded`, or the loader's message. @param name a library; like `onnx:cuda`, this looks in the provider's folder first */
function load(name: string): string {
  const { ISONET_ONNX_CUDA: folder = '' } = process.env;
  const own = join(folder, name);
  try {
    process.dlopen({ exports: {} }, folder !== '' && existsSync(own) ? own : name);
  } catch (error) {
    // Node expects an addon, and complains only after it has loaded the library.
    const message = messageOf(error);
    return message.includes('did not self-register') ? 'loaded' : message;
  }
  return 'loaded';
}

function manifests(): readonly string[] {
  return MANIFEST_FOLDERS.flatMap((folder) => {
    try {
      return readdirSync(folder).map((file) => `${folder}/${file}`);
    } catch {
      return []; // The folder is missing.
    }
  });
}

await runPart(async ({ small, log, save }) => {
  const libraries = Object.fromEntries(
    Object.values(LIBRARIES).flatMap((names) => names.map((name) => [name, load(name)])),
  );
  const machine = {
    processor: cpus()[0]?.model ?? process.arch,
    cores: cpus().length,
    gibibytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
  const environment = Object.fromEntries(
    ['VK_DRIVER_FILES', 'LD_LIBRARY_PATH', 'ISONET_ONNX_CUDA'].map((name) => [
      name,
      process.env[name] ?? null,
    ]),
  );
  const found = { machine, vulkanManifests: manifests(), libraries, environment };
  save(found);
  for (const [name, result] of Object.entries(libraries)) log(`${name}: ${result}`);
  const gpu = await card().catch((error: unknown) => messageOf(error).split('\n', 1).join());
  save({ card: gpu, ...found });
  const missing = Object.entries(libraries).filter(([, result]) => result !== 'loaded');
  const line =
    missing.length === 0 ? 'every library loads' : `missing: ${missing.map(([name]) => name).join(', ')}`;
  if (typeof gpu !== 'string') {
    const whole = `${gpu['name']}, driver ${gpu['driver_version']}, ${gpu['memory.total']}; ${line}`;
    const isMissing = missing.some(([name]) => LIBRARIES.cuda.includes(name));
    if (isMissing && !small) throw new WrongResult(whole);
    return whole;
  }
  if (small) return `no card (${gpu}); ${line}`;
  throw new WrongResult(`nvidia-smi failed (${gpu}); ${line}`);
});

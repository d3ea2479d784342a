// Fakes of TensorFlow.js's Node packages, and a helper for plan ids.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Device } from '@isonet/core';
import { GraphBuilder } from '@isonet/core';

/** Installs a package into the node_modules of a folder; default: the working directory. */
export async function install(
  name: string,
  files: Readonly<Record<string, string>>,
  folder = process.cwd(),
): Promise<void> {
  const manifest = { name, version: '4.22.0', main: 'dist/index.js' };
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    const path = join(folder, 'node_modules', name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

export const binding = { 'lib/napi-v8/tfjs_binding.node': '' };

/** Returns the files of a package that loads like the real one, and supports everything up to the first computation. */
export function library(usesGpu: boolean): Readonly<Record<string, string>> {
  const real = JSON.stringify(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core'));
  const native = `{ isUsingGpuDevice: ${usesGpu}, binding: { TF_Version: '2.9.1' } }`;
  const entry = `module.exports = {
    ...require(${real}), backend: () => (${native}), setBackend: async () => true, getBackend: () => 'tensorflow',
  };`;
  return { ...binding, 'dist/index.js': entry };
}

/** Returns the plan id of a program without constants, which compiles even on a fake library that cannot compute. */
export async function planId(device: Device): Promise<string> {
  const b = new GraphBuilder('plan');
  b.output('y', b.op.exp(b.input('x', { dtype: 'float32', shape: [2] })));
  await using program = await device.compile(b.build());
  return program.plan.id;
}

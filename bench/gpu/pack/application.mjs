// Bundles the parts and their runner as JavaScript, which imports isonet's packages from the pack's node_modules.
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const gpu = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} target */
export async function buildApplication(target) {
  const parts = readdirSync(join(gpu, 'parts'));
  const scripts = parts.filter((name) => name.endsWith('.ts')).map((name) => join(gpu, 'parts', name));
  await build({
    entryPoints: [
      { in: join(gpu, 'run', 'main.ts'), out: 'main' },
      ...scripts.map((file) => ({ in: file, out: file.slice(gpu.length).replace(/\.ts$/, '') })),
    ],
    outdir: target,
    bundle: true,
    packages: 'external',
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  for (const name of parts.filter((file) => file.endsWith('.py'))) {
    copyFileSync(join(gpu, 'parts', name), join(target, 'parts', name));
  }
}

// The library in a page: what a bundler makes of the packages without shims, from an empty project.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './workspace.mjs';

// Trains, exports, and has a backend.
const page = `
import { adam, dense, fit, float32, he, regression, sequential, tensorDataset } from 'isonet';
import { exportOnnx } from '@isonet/onnx';
import { webgpu } from '@isonet/backend-webgpu';

const model = {
  name: 'line',
  input: { name: 'x', shape: [1] },
  output: { name: 'y', shape: [1] },
  layer: sequential({ out: dense(1) }),
};
const train = tensorDataset(float32([2, 1], [0, 1]), float32([2, 1], [1, 3]));
const recipe = { epochs: 1, batchSize: 2, seed: 0, initializer: he, optimizer: adam(), schedule: 0.1 };
const { trainer } = await fit({ model, device: await webgpu.open(), task: regression(), train, ...recipe });
document.title = String(exportOnnx(model, await trainer.weights()).length);
`;

/**
 * Bundles a page for browsers, in a folder whose node_modules has the packages. A module of Node in it is an error.
 * @param {string} folder
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function checkBundle(folder) {
  const entry = join(folder, 'page.js');
  writeFileSync(entry, page);
  try {
    await build({
      entryPoints: [entry],
      outfile: join(folder, 'page.min.js'),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
      // What our packages depend on.
      nodePaths: [join(root, 'node_modules', '.pnpm', 'node_modules')],
    });
    return { code: 0, output: '' };
  } catch (error) {
    return { code: 1, output: String(error) };
  }
}

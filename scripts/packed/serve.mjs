// npm run registry: packs every package and serves it on loopback, so that it can be installed as if it were published.
import { join } from 'node:path';
import { step } from '../workspace.mjs';
import { pack, tarballsIn } from './pack.mjs';
import { configuredRegistry, startRegistry } from './registry.mjs';
import { inTemporaryFolder } from './temporary.mjs';

const port = 4873;

/** @param {string} out */
async function serve(out) {
  const packed = join(out, 'tarballs');
  if (!(await step('packing', () => pack(packed)))) return false;
  const options = { tarballs: tarballsIn(packed), upstream: await configuredRegistry(), port };
  const registry = await startRegistry(options).catch((/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`port ${port} is in use, perhaps by another \`npm run registry\`: stop that process`);
  });
  if (registry === undefined) return false;
  console.log(`npm i --registry=${registry.url} isonet @isonet/backend-onnx`);
  console.log('Press Ctrl-C to stop. npm caches versions: after a change, add --cache="$(mktemp -d)".');
  return new Promise(() => {}); // until it is interrupted
}

if (!(await inTemporaryFolder(serve))) process.exitCode = 1;

// npm run registry: packs every package and serves them on loopback, to be installed as they will be once they are published.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../workspace.mjs';
import { pack, tarballsIn } from './pack.mjs';
import { configuredRegistry, startRegistry } from './registry.mjs';
import { inTemporaryFolder } from './temporary.mjs';
import { downloads } from './tools.mjs';

const port = 4873;

/** @param {string} out */
async function serve(out) {
  const packed = join(out, 'tarballs');
  mkdirSync(packed);
  if (!(await step('packing', () => pack(packed)))) return false;
  const upstream = await configuredRegistry();
  const { url } = await startRegistry({ tarballs: tarballsIn(packed), upstream, downloads, port });
  console.log(`npm i --registry=${url} isonet @isonet/backend-onnx`);
  console.log('Ctrl-C ends it. A version is cached: after a change, add --cache="$(mktemp -d)".');
  return new Promise(() => {}); // until it is interrupted
}

if (!(await inTemporaryFolder(serve))) process.exitCode = 1;

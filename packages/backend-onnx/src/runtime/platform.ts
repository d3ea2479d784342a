// The builds of ONNX Runtime for Node, and where their devices compute. In browser bundles, package.json's `browser` field swaps in
// browser.ts.
import { pathToFileURL } from 'node:url';
import type { Backend } from '@isonet/core';
import type { Build } from '../backend.ts';
import { buildOver } from '../backend.ts';
import { nativeBuild } from '../native.ts';
import { inWorkers } from '../worker/backend.ts';
import { wasm } from './providers/wasm.ts';
import { nodeRuntime } from './web/node.ts';
import type { Folder } from './web/runtime.ts';
import { hrefOf } from './web/runtime.ts';

/** @param folder of onnxruntime-web's files: a path or a URL; undefined: the installed package's */
export function builds(folder?: Folder): readonly [Build, ...Build[]] {
  return [nativeBuild, wasmBuild(folder)];
}

/** The build in WebAssembly alone. @param folder as of {@link builds} */
export function wasmBuild(folder?: Folder): Build {
  const found = folder === undefined ? undefined : folderUrl(folder);
  return buildOver(() => nodeRuntime(found), [wasm]);
}

/** The backend with each device in a worker of its own. */
export const offThread: (here: Backend) => Backend = inWorkers;

function folderUrl(folder: Folder): string {
  const text = hrefOf(folder);
  const url = URL.canParse(text) ? text : pathToFileURL(text).href;
  return url.endsWith('/') ? url : `${url}/`;
}

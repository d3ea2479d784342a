// The builds of ONNX Runtime in Node, and the workers of their devices. In browser bundles, browser.ts replaces this file through
// package.json's `browser` field.
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

/** Returns the builds for Node. @param folder the folder of onnxruntime-web's files, a path or a URL; default: the installed package */
export function builds(folder?: Folder): readonly [Build, ...Build[]] {
  return [nativeBuild, wasmBuild(folder)];
}

/** Returns the WebAssembly build. @param folder the same as in {@link builds} */
export function wasmBuild(folder?: Folder): Build {
  const found = folder === undefined ? undefined : folderUrl(folder);
  return buildOver(() => nodeRuntime(found), [wasm]);
}

/** Returns the backend with each device in its own worker. */
export const offThread: (here: Backend) => Backend = inWorkers;

function folderUrl(folder: Folder): string {
  const text = hrefOf(folder);
  const url = URL.canParse(text) ? text : pathToFileURL(text).href;
  return url.endsWith('/') ? url : `${url}/`;
}

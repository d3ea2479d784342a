// The builds of ONNX Runtime that a browser has: npm's onnxruntime-web. An import() instead of the imports below would cut a bundle
// into chunks, and the bundle of a worker may have only one. They load no WebAssembly.
import type { Backend } from '@isonet/core';
import * as wasmEntry from 'onnxruntime-web/wasm';
import * as webgpuEntry from 'onnxruntime-web/webgpu';
import type { Build } from '../backend.ts';
import { buildOver } from '../backend.ts';
import { wasm } from './providers/wasm.ts';
import { webgpu } from './providers/webWebgpu.ts';
import { browserRuntime } from './web/browser.ts';
import type { Folder } from './web/runtime.ts';

const entries = { wasm: wasmEntry, webgpu: webgpuEntry };

/** @param folder of onnxruntime-web's files, relative to the page; undefined: where the bundler has put the .wasm files */
export function builds(folder?: Folder): readonly [Build, ...Build[]] {
  return [buildOver(() => browserRuntime(entries, folder), [wasm, webgpu])];
}

/** The backend as it is: a page that has other work starts a worker of its own. */
export function offThread(here: Backend): Backend {
  return here;
}

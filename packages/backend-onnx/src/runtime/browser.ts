// The builds of ONNX Runtime in a browser: npm's onnxruntime-web. The imports are static because an import() would split a bundle into
// chunks, and a worker's bundle must be a single chunk. They load no WebAssembly.
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

/**
 * Returns the builds for a browser.
 * @param folder the folder of onnxruntime-web's files, relative to the page; undefined if the bundler copies the .wasm files
 */
export function builds(folder?: Folder): readonly [Build, ...Build[]] {
  return [buildOver(() => browserRuntime(entries, folder), [wasm, webgpu])];
}

/** Returns the backend unchanged: a page that has other work starts its own worker. */
export function offThread(here: Backend): Backend {
  return here;
}

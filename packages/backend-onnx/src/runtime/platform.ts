// The builds of ONNX Runtime that Node has. In a bundle for browsers package.json's field "browser" puts browser.ts in its place:
// these are the only two files that know where they run.
import { pathToFileURL } from 'node:url';
import type { Build } from '../backend.ts';
import { buildOver } from '../backend.ts';
import { nativeBuild } from '../native.ts';
import { wasm } from './providers/wasm.ts';
import { nodeRuntime } from './web/node.ts';
import type { Folder } from './web/runtime.ts';
import { hrefOf } from './web/runtime.ts';

/** @param folder of onnxruntime-web's files: a path or a URL; undefined: the installed package's */
export function builds(folder?: Folder): readonly [Build, ...Build[]] {
  const found = folder === undefined ? undefined : folderUrl(folder);
  return [nativeBuild, buildOver(() => nodeRuntime(found), [wasm])];
}

function folderUrl(folder: Folder): string {
  const text = hrefOf(folder);
  const url = URL.canParse(text) ? text : pathToFileURL(text).href;
  return url.endsWith('/') ? url : `${url}/`;
}

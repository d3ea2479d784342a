// ONNX Runtime in WebAssembly in Node, if npm's onnxruntime-web is installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { BackendError, codeOf } from '@isonet/core';
import type { Missing } from '@isonet/native';
import type { Ort } from './ort.ts';
import type { WebRuntime } from './runtime.ts';
import { threadsOn, VERSION, webRuntime } from './runtime.ts';

/**
 * Creates the runtime for Node.
 * @param folder the folder of onnxruntime-web's files, as a URL with a trailing slash; undefined for the installed package
 * @param resolve for tests: resolves the package's main file
 */
export function nodeRuntime(
  folder: string | undefined,
  resolve: ((name: string) => string) | undefined = resolver(import.meta.url),
): Promise<WebRuntime> {
  return Promise.resolve(
    webRuntime({
      missing: missing(resolve),
      threads: threadsOn(availableParallelism()),
      oneThread: undefined,
      gpu: {
        code: 'BROWSER',
        reason: "ONNX Runtime's WebGPU in WebAssembly runs only in browsers, not in Node",
        fix: 'use the webgpu backend',
      },
      load: async () => (await importPeer('onnxruntime-web')) as Ort,
      folder,
      idle: () => new Promise((done) => setImmediate(done)),
    }),
  );
}

/**
 * Imports a package that may be missing. The name is not a literal, so that bundlers leave the package out: they fail
 * if it is not installed, and a bundled copy cannot find its WebAssembly.
 * @throws BackendError `NOT_INSTALLED` if it is missing, or if only `require` can find it, through `NODE_PATH`
 */
async function importPeer(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new BackendError('NOT_INSTALLED', `onnx "wasm": ${name} is not installed; ${install}`, { cause });
  }
}

/** Returns a function that resolves packages. @param own the URL of this file; undefined in a CommonJS bundle */
function resolver(own: string | undefined): ((name: string) => string) | undefined {
  return own === undefined ? undefined : createRequire(own).resolve;
}

const install = `run npm install onnxruntime-web@${VERSION} (148 MB)`;

function missing(resolve: ((name: string) => string) | undefined): Missing | undefined {
  if (resolve === undefined) {
    const reason = 'onnxruntime-web cannot be found from inside a CommonJS bundle';
    const fix = "leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)";
    return { code: 'BUNDLED', reason, fix };
  }
  const found = versionIn(resolve);
  if (found === VERSION) return undefined;
  if (found === undefined) {
    return { code: 'NOT_INSTALLED', reason: 'onnxruntime-web is not installed', fix: install };
  }
  const reason = `onnxruntime-web: expected version ${VERSION}, found ${found}`;
  return { code: 'VERSION', reason, fix: install };
}

function versionIn(resolve: (name: string) => string): string | undefined {
  let main: string;
  try {
    main = resolve('onnxruntime-web');
  } catch {
    return undefined;
  }
  const text = readFileSync(join(dirname(main), '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

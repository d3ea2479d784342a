// ONNX Runtime in WebAssembly in Node, where npm's onnxruntime-web is installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { Missing } from '@isonet/native';
import type { Ort } from './ort.ts';
import type { WebRuntime } from './runtime.ts';
import { threadsOn, VERSION, webRuntime } from './runtime.ts';

/**
 * @param folder of onnxruntime-web's files, as a URL with a slash at its end; undefined: the package's
 * @param resolve for tests: finds the package's main file
 */
export function nodeRuntime(
  folder: string | undefined,
  resolve: (name: string) => string = createRequire(import.meta.url).resolve,
): Promise<WebRuntime> {
  return Promise.resolve(
    webRuntime({
      missing: missing(resolve),
      threads: threadsOn(availableParallelism()),
      oneThread: undefined,
      gpu: {
        code: 'BROWSER',
        reason: "ONNX Runtime's WebGPU in WebAssembly is for browsers; this is Node",
        fix: 'use the webgpu backend',
      },
      load: () => import('onnxruntime-web') as Promise<Ort>,
      folder,
      idle: () => new Promise((done) => setImmediate(done)),
    }),
  );
}

const install = `npm install onnxruntime-web@${VERSION} (148 MB)`;

function missing(resolve: (name: string) => string): Missing | undefined {
  const found = versionIn(resolve);
  if (found === VERSION) return undefined;
  if (found === undefined) {
    return { code: 'NOT_INSTALLED', reason: 'onnxruntime-web is not installed', fix: install };
  }
  const reason = `onnxruntime-web ${found} is installed, expected ${VERSION}`;
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

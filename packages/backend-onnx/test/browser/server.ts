// Serves the page of page.ts, which esbuild bundles from source, and onnxruntime-web's own files in /ort/.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import sirv from 'sirv';
import { listenOnLoopback } from '../../../../scripts/loopback.mjs';

const golden = new URL('../../../conformance/golden/', import.meta.url);

/** Stubs Node's modules. The suite reads PyTorch's results from files; nothing else from Node in its bundle is ever called. */
const nodeModules: Plugin = {
  name: 'node',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^(node:|@isonet\/data$)/ }, ({ path }) => ({ path, namespace: 'node' }));
    bundler.onLoad({ filter: /./, namespace: 'node' }, ({ path }) => {
      const texts = ['nin', 'googlenet', 'variants'].map((name) => [
        `${name}.json`,
        readFileSync(new URL(`${name}.json`, golden), 'utf8'),
      ]);
      return path === 'node:fs'
        ? {
            contents: `const texts = new Map(${JSON.stringify(texts)}); exports.readFileSync = (url) => texts.get(url.pathname.split('/').at(-1));`,
          }
        : { contents: 'module.exports = {};' };
    });
  },
};

/** Serves the page at /plain, and at /isolated, where its threads may share memory. */
export async function servePage(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@isonet/source'],
    plugins: [nodeModules],
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  const [script] = outputFiles;
  const files = sirv(dirname(createRequire(import.meta.url).resolve('onnxruntime-web')));
  const server = createServer((request, response) => {
    const { url = '' } = request;
    if (url !== '/plain') {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    if (url.startsWith('/ort/')) {
      request.url = url.slice('/ort'.length);
      files(request, response);
    } else if (url === '/page.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(script?.contents);
    } else if (url === '/favicon.ico') {
      response.statusCode = 204;
      response.end();
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>onnx</title><script type="module" src="/page.js"></script>');
    }
  });
  return listenOnLoopback(server);
}

// Serves a page that esbuild bundles from source, along with the files that the suite reads.
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import sirv from 'sirv';
import { sampleFiles } from '@isonet/fashion-mnist-sample';
import { listenOnLoopback } from '../../../../scripts/loopback.mjs';

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The paths at which the bundle, served at the root, expects the files that packages locate relative to their sources. */
const suiteFolders = {
  '/golden': here('../../golden'),
  '/recorded': here('../../recorded'),
  '/files': dirname(fileURLToPath(sampleFiles.trainImages.href)),
};

/**
 * Bundles a module and serves a page that runs it: at /plain, and at /isolated with shared memory between threads.
 * @param folders further folders, by the path at which they are served
 */
export async function servePage(
  entry: URL,
  folders: Readonly<Record<string, string>> = {},
): Promise<PageServer> {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@isonet/source', 'browser'],
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  const [script] = outputFiles;
  const served = Object.entries({ ...suiteFolders, ...folders }).map(
    ([prefix, folder]) => [prefix, sirv(folder)] as const,
  );
  const server = createServer((request, response) => {
    const { url = '' } = request;
    const [prefix, files] = served.find(([path]) => url.startsWith(`${path}/`)) ?? [];
    if (url !== '/plain') {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    if (prefix !== undefined && files) {
      request.url = url.slice(prefix.length);
      files(request, response);
    } else if (url === '/page.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(script?.contents);
    } else if (url === '/favicon.ico') {
      response.statusCode = 204;
      response.end();
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>isonet</title><script type="module" src="/page.js"></script>');
    }
  });
  return listenOnLoopback(server);
}

// Runs pages in a headless Chromium with WebGPU on SwiftShader, which needs no GPU and computes the same bits on every
// machine. If a page throws, prints an error or fails to load something, its visit fails.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import sirv from 'sirv';
import { installChromium } from './chromium/install.mjs';
import { listenOnLoopback } from './loopback.mjs';

export { chromiumMissing } from './chromium/install.mjs';

// Playwright adds --no-sandbox, so that Chromium also runs as root and without user namespaces. That is safe here, because it opens
// only our own pages.
const FLAGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/**
 * @typedef {{ readonly folder: string, readonly path?: string } | { readonly url: string }} Target
 * A folder, which is served on loopback, and the path of a page in it (default: its index.html); or the URL of a page.
 *
 * @typedef {object} Visit
 * @property {import('playwright-core').Page} page The loaded page.
 * @property {readonly string[]} messages The console messages of the page and its workers so far: `log: text`, `warning: text`.
 *
 * @typedef {object} VisitOptions
 * @property {number} [timeoutMs] The time limit of a visit; default 60 s.
 */

/** An open browser. {@link Chromium.close} closes it; otherwise it ends with this process. */
export class Chromium {
  /** @type {import('playwright-core').Browser} */
  #browser;

  /** @param {import('playwright-core').Browser} browser */
  constructor(browser) {
    this.#browser = browser;
  }

  /**
   * Opens a page, runs `work` on it and closes it. Several visits may run at the same time; they share no storage.
   * @template T
   * @param {Target} target
   * @param {(visit: Visit) => Promise<T>} work
   * @param {VisitOptions} [options]
   * @returns {Promise<T>} The result of the work. Rejects with the work's own error, with the first error of the page or its
   * workers (an uncaught or printed error, or a file that does not load), or after `timeoutMs`.
   */
  async visit(target, work, { timeoutMs = 60_000 } = {}) {
    // dev: looks up files at each request
    const server =
      'folder' in target
        ? await listenOnLoopback(createServer(sirv(target.folder, { dev: true })))
        : undefined;
    try {
      const url = 'url' in target ? target.url : `${server?.url}/${target.path ?? ''}`;
      const context = await this.#browser.newContext();
      try {
        return await visitPage(await context.newPage(), url, work, timeoutMs);
      } finally {
        await context.close();
      }
    } finally {
      await server?.close();
    }
  }

  /** Closes the browser. Further calls do nothing. */
  async close() {
    await this.#browser.close();
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/**
 * Starts a Chromium: npm's @sparticuz/chromium, or the executable that the variable CHROMIUM names.
 * @returns {Promise<Chromium>}
 * @throws Error with the line of {@link chromiumMissing} if this machine has no Chromium
 */
export async function openChromium() {
  const { executable, env } = await installChromium();
  const options = { executablePath: executable, args: FLAGS, env: { ...process.env, ...env } };
  return new Chromium(await chromium.launch(options));
}

/**
 * @template T
 * @param {import('playwright-core').Page} page
 * @param {string} url
 * @param {(visit: Visit) => Promise<T>} work
 * @param {number} timeoutMs
 */
async function visitPage(page, url, work, timeoutMs) {
  /** @type {string[]} */
  const messages = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    const fail = (/** @type {string} */ problem) => reject(new Error(`${url}: ${problem}`));
    page.on('pageerror', ({ name, message }) => fail(`${name}: ${message}`));
    page.on('crash', () => fail('the page crashed'));
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'no reason given';
      // A page that is closed or reloads itself, as it does once under vite dev, cancels its pending requests.
      if (reason !== 'net::ERR_ABORTED') fail(`${request.url()} does not load: ${reason}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) fail(`${response.url()} does not load: status ${response.status()}`);
    });
    page.on('console', (message) => {
      messages.push(`${message.type()}: ${message.text()}`);
      if (message.type() === 'error') fail(`printed: ${message.text()}`);
    });
    timer = setTimeout(() => fail(`not done after ${timeoutMs / 1000} s`), timeoutMs);
  });
  const worked = page.goto(url, { timeout: timeoutMs }).then(() => work({ page, messages }));
  worked.catch(() => undefined); // It may reject after the page has failed; then the failure of the page is reported.
  failed.catch(() => undefined); // It may reject after the work is done, while the page is being closed.
  try {
    const result = await Promise.race([failed, worked]);
    await Promise.race([failed, page.evaluate(() => undefined)]); // receives messages that the page sent before the work was done
    return result;
  } finally {
    clearTimeout(timer);
  }
}

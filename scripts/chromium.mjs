// A headless Chromium for tests of pages, with WebGPU on SwiftShader: it needs no GPU and gives the same bits on every machine.
// A page that throws, prints an error or fails to load something fails its visit.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import sirv from 'sirv';
import { installChromium } from './chromium/install.mjs';
import { listenOnLoopback } from './loopback.mjs';

export { chromiumMissing } from './chromium/install.mjs';

// Playwright adds --no-sandbox, with which it runs as root and where user namespaces are switched off: it only ever opens our
// own pages.
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
 * A folder, which is served on loopback, and the path of a page in it (default: its index.html); or the address of a page.
 *
 * @typedef {object} Visit
 * @property {import('playwright-core').Page} page Loaded. `page.screenshot({ path })` takes a picture of it.
 * @property {readonly string[]} messages What the page and its workers have printed so far: `log: text`, `warning: text`.
 *
 * @typedef {object} VisitOptions
 * @property {number} [timeoutMs] How long a visit may take: 60 s unless given.
 */

/** An open browser. It is closed by {@link Chromium.close}, and ends with this process in any case. */
export class Chromium {
  /** @type {import('playwright-core').Browser} */
  #browser;

  /** @param {import('playwright-core').Browser} browser */
  constructor(browser) {
    this.#browser = browser;
  }

  /**
   * Opens a page, does the work and closes the page. Several visits may be under way at once; they share no storage.
   * @template T
   * @param {Target} target
   * @param {(visit: Visit) => Promise<T>} work
   * @param {VisitOptions} [options]
   * @returns {Promise<T>} What the work gives. Rejects with the work's own error, with the first error of the page or its
   * workers (an uncaught one, a printed one, something that does not load), or after `timeoutMs`.
   */
  async visit(target, work, { timeoutMs = 60_000 } = {}) {
    // dev: files are looked up at each request
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

  /** May be called again. */
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
 * @throws Error with one line, {@link chromiumMissing}, where there is none
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
      // A page that is left or reloads itself, as vite dev has it do once, gives up what it was loading.
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
  worked.catch(() => undefined); // It may reject after the page has failed, which is what counts.
  failed.catch(() => undefined); // It may reject after the work is done, when the page is being closed.
  try {
    const result = await Promise.race([failed, worked]);
    await Promise.race([failed, page.evaluate(() => undefined)]); // hears what the page said before the work was done
    return result;
  } finally {
    clearTimeout(timer);
  }
}

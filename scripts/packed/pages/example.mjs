// examples/browser in a user's project: trained in Node, served and built by Vite, and the page says what Node says.
import { join } from 'node:path';
import { viteBuild, withViteDev } from './bundlers.mjs';
import { runInNode } from './node.mjs';

/** @typedef {{ name: string, probability: number }[]} Said By picture. */

/**
 * @param {import('../../chromium.mjs').Chromium} browser
 * @param {string} folder With the example in `browser`.
 * @param {string} out Where it is built to, relative to the example.
 */
export async function checkExample(browser, folder, out) {
  await runInNode(folder, 'browser/train');
  /** @type {Said} */
  const said = JSON.parse(await runInNode(folder, 'classify'));
  const example = join(folder, 'browser');
  await withViteDev(8, example, (url) =>
    browser.visit({ url: `${url}?cpu` }, (visit) => ask(visit, folder, said)),
  );
  await viteBuild(8, example, out);
  await browser.visit({ folder: join(example, out) }, async ({ page }) => {
    await page.locator('output', { hasText: 'webgpu: ' }).waitFor(); // no GPU here: the page says so
  });
  await browser.visit({ folder: join(example, out), path: '?cpu' }, (visit) => ask(visit, folder, said));
}

/**
 * Shows the page every picture.
 * @param {import('../../chromium.mjs').Visit} visit
 * @param {string} folder With the pictures.
 * @param {Said} said What Node says of them.
 */
async function ask({ page }, folder, said) {
  const [input, output] = [page.locator('input:enabled'), page.locator('output')];
  for (const [i, { name, probability }] of said.entries()) {
    await output.evaluate((element) => (element.textContent = ''));
    await input.setInputFiles(join(folder, `picture${i}.bmp`));
    const text = await output.filter({ hasText: 'probability' }).innerText();
    const [, inPage, rounded] = /^(.*), probability (\S+)$/.exec(text) ?? [];
    if (inPage === name && Math.abs(Number(rounded) - probability) <= 1e-3) continue; // it rounds to three places
    throw new Error(`picture ${i}: Node says ${name}, ${probability}; the page says ${text}`);
  }
}

// examples/browser in a user's project: trained in Node, served by Vite, and the page says what Node says.
import { join } from 'node:path';
import { withViteDev } from './bundlers.mjs';
import { runInNode } from './node.mjs';

/**
 * @param {import('../../chromium.mjs').Chromium} browser
 * @param {string} folder With the example in `browser`.
 */
export async function checkExample(browser, folder) {
  await runInNode(folder, 'browser/train');
  /** @type {{ name: string, probability: number }[]} */
  const expected = JSON.parse(await runInNode(folder, 'classify'));
  const got = await withViteDev(8, join(folder, 'browser'), (url) => {
    return browser.visit({ url: `${url}?cpu` }, async ({ page }) => {
      const texts = [];
      const [input, output] = [page.locator('input'), page.locator('output')];
      for (const i of expected.keys()) {
        await output.evaluate((element) => (element.textContent = ''));
        await input.and(page.locator(':enabled')).setInputFiles(join(folder, `picture${i}.bmp`));
        texts.push(await output.filter({ hasText: 'probability' }).innerText());
      }
      return texts;
    });
  });
  for (const [i, { name, probability }] of expected.entries()) {
    const [, inPage, text = ''] = /^(.*), probability (\S+)$/.exec(got[i] ?? '') ?? [];
    // The page rounds to three places.
    if (inPage === name && Math.abs(Number(text) - probability) <= 1e-3) continue;
    throw new Error(`picture ${i}: Node says ${name}, ${probability}; the page says ${got[i]}`);
  }
}

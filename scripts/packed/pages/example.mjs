// Tests examples/browser in a user's project: trains it in Node, serves and builds it with Vite, and compares the page's answers with
// Node's.
import { join } from 'node:path';
import { viteBuild, withViteDev } from './bundlers.mjs';
import { runInNode } from './node.mjs';

/** @typedef {{ name: string, probability: number }[]} Answers One answer per image. */

/**
 * @param {import('../../chromium.mjs').Chromium} browser
 * @param {string} folder The project's folder, with the example in `browser`.
 * @param {string} out The output folder of the build, relative to the example.
 */
export async function checkExample(browser, folder, out) {
  await runInNode(folder, 'browser/train');
  /** @type {Answers} */
  const answers = JSON.parse(await runInNode(folder, 'classify'));
  const example = join(folder, 'browser');
  await withViteDev(8, example, (url) =>
    browser.visit({ url: `${url}?cpu` }, (visit) => compareAnswers(visit, folder, answers)),
  );
  await viteBuild(8, example, out);
  await browser.visit({ folder: join(example, out) }, async ({ page }) => {
    await page.locator('output', { hasText: 'webgpu: ' }).waitFor(); // the page reports that there is no GPU
  });
  await browser.visit({ folder: join(example, out), path: '?cpu' }, (visit) =>
    compareAnswers(visit, folder, answers),
  );
}

/**
 * Passes every image to the page and compares its answers with Node's.
 * @param {import('../../chromium.mjs').Visit} visit
 * @param {string} folder The folder of the images.
 * @param {Answers} answers Node's answers.
 */
async function compareAnswers({ page }, folder, answers) {
  const [input, output] = [page.locator('input:enabled'), page.locator('output')];
  for (const [i, { name, probability }] of answers.entries()) {
    await output.evaluate((element) => (element.textContent = ''));
    await input.setInputFiles(join(folder, `picture${i}.bmp`));
    const text = await output.filter({ hasText: 'probability' }).innerText();
    const [, inPage, rounded] = /^(.*), probability (\S+)$/.exec(text) ?? [];
    if (inPage === name && Math.abs(Number(rounded) - probability) <= 1e-3) continue; // the page rounds to three digits
    throw new Error(`image ${i}: expected ${name}, ${probability}, as in Node, got ${text}`);
  }
}

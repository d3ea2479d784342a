// Tests the library in pages: builds the packed packages with esbuild, Vite 7 and Vite 8, serves them with `vite dev`
// of both, and opens each page in Chromium, where it trains. All of them must compute the same bits, in the page and in
// workers. Another page runs checks of the conformance suite.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromiumMissing, openChromium } from '../../chromium.mjs';
import { step } from '../../workspace.mjs';
import { installTools } from '../tools.mjs';
import { esbuildPage, viteBuild, viteVersions, withViteDev } from './bundlers.mjs';
import { checkExample } from './example.mjs';
import { runInNode } from './node.mjs';
import { makePagesProject } from './project.mjs';

/** @typedef {import('./project/program.ts').Report} Report */
/** @typedef {import('../../chromium.mjs').Target} Target */

/**
 * Prints a line for each step, and the sizes of the bundles.
 * @param {import('../installs/user.mjs').User} user
 * @param {string} folder The folder to create.
 * @returns {Promise<boolean>} Whether all passed.
 */
export async function testPages(user, folder) {
  const missing = chromiumMissing();
  if (missing !== undefined) {
    console.log(`pages: skipped: ${missing}`);
    return true;
  }
  if (!(await step('pages: installing Vite', () => installTools('pages')))) return false;
  if (!(await step('pages: npm install', () => makePagesProject(user, folder)))) return false;
  const browser = await openChromium();
  try {
    return await buildAndVisit(browser, folder);
  } finally {
    await browser.close();
  }
}

/**
 * @param {import('../../chromium.mjs').Chromium} browser
 * @param {string} folder
 */
async function buildAndVisit(browser, folder) {
  const page = join(folder, 'page');
  const workers = join(folder, 'workers');
  /** @type {Report | undefined} */
  let first;
  const visit = async (/** @type {Target} */ target) => {
    for (const report of await reportsOf(browser, target)) assertSame(report, (first ??= report));
  };

  /** @type {[name: string, work: () => Promise<void>][]} */
  const steps = [
    ['esbuild', () => esbuildPage(page, 'esbuild').then(() => visit({ folder: join(page, 'esbuild') }))],
  ];
  for (const version of viteVersions) {
    const name = `vite-${version}`;
    for (const [title, root] of Object.entries({ [name]: page, [`${name}, workers`]: workers })) {
      const built = join(root, name);
      steps.push(
        [`${title}, build`, () => viteBuild(version, root, name).then(() => visit({ folder: built }))],
        [`${title}, dev`, () => withViteDev(version, root, (url) => visit({ url }))],
      );
    }
  }
  /** @type {Report | undefined} */
  let firstOfOnnx;
  const visitOnnx = async (/** @type {Target} */ target) => {
    for (const report of await reportsOf(browser, target)) assertSame(report, (firstOfOnnx ??= report));
  };
  const onnx = join(folder, 'onnx');
  for (const version of viteVersions) {
    const build = () => viteBuild(version, onnx, `vite-${version}`);
    const built = join(onnx, `vite-${version}`);
    steps.push([`vite-${version}, onnx, build`, () => build().then(() => visitOnnx({ folder: built }))]);
  }
  steps.push(['vite-8, onnx, dev', () => withViteDev(8, onnx, (url) => visitOnnx({ url }))]);
  const suite = join(folder, 'conformance');
  const visitSuite = async (/** @type {Target} */ target) => assertConforms(await reportsOf(browser, target));
  steps.push(
    [
      'vite-8, conformance, build',
      () => viteBuild(8, suite, 'vite-8').then(() => visitSuite({ folder: join(suite, 'vite-8') })),
    ],
    ['vite-8, conformance, dev', () => withViteDev(8, suite, (url) => visitSuite({ url }))],
  );
  steps.push(
    ['node', async () => assertClose(JSON.parse(await runInNode(folder, 'node')), first)],
    ['example', () => checkExample(browser, folder, 'built')],
  );

  const passed = [];
  for (const [name, work] of steps) passed.push(await step(`pages: ${name}`, () => caught(work)));
  if (passed.includes(false)) return false;
  console.log('\n| page | bundler | minified | gzipped |\n| --- | --- | --- | --- |');
  for (const name of ['esbuild', ...viteVersions.map((version) => `vite-${version}`)])
    console.log(`| trains and exports ONNX | ${name} | ${sizes(join(page, name))} |`);
  console.log(`| examples/browser: predicts | vite-8 | ${sizes(join(folder, 'browser', 'built'))} |\n`);
  return true;
}

/**
 * Opens a page and returns the reports that it shows when it is done. Throws if the page prints a warning.
 * @template T
 * @param {import('../../chromium.mjs').Chromium} browser
 * @param {Target} target
 * @returns {Promise<T[]>}
 */
async function reportsOf(browser, target) {
  const text = await browser.visit(target, async ({ page, messages }) => {
    await page.waitForFunction('document.body.textContent.startsWith("[")');
    const warnings = messages.filter((message) => message.startsWith('warning: '));
    if (warnings.length > 0) throw new Error(warnings.join('\n'));
    return page.textContent('body');
  });
  return JSON.parse(text ?? '');
}

/**
 * Checks that a page learned and exported, and that all its results equal those of the first page, bit for bit.
 * @param {Report} report
 * @param {Report} first
 */
function assertSame(report, first) {
  const [before = Number.NaN] = report.losses;
  if (!(Number(report.losses.at(-1)) < before / 10))
    throw new Error(`expected the loss to fall below a tenth, got ${report.losses.join()}`);
  const { irVersion, producer } = report.onnx;
  if (irVersion !== 8 || producer !== 'isonet')
    throw new Error(`ONNX file: expected IR version 8 of isonet, got ${irVersion} of ${producer}`);
  const [got, expected] = [report, first].map((each) => JSON.stringify(each));
  if (got !== expected) throw new Error(`expected the report of the first page,\n${expected}\ngot\n${got}`);
}

/**
 * Checks that every filter selected checks, and that all of them passed.
 * @param {{ filter: string, conformance: { count: number, of: number }, wrong: unknown[] }[]} reports
 */
function assertConforms(reports) {
  const failed = reports.filter(({ conformance: { count, of } }) => count === 0 || count < of);
  if (reports.length === 0 || failed.length > 0)
    throw new Error(`expected all checks to pass, got ${JSON.stringify(failed)}`);
}

/**
 * Checks that Node's losses are close to those of the pages. Node uses another version of Dawn, which may compile the same shaders to
 * other instructions: plans differ, so equal bits are not guaranteed, and rounding grows from step to step.
 * @param {Report} report
 * @param {Report | undefined} first
 */
function assertClose(report, first) {
  const losses = first?.losses ?? [];
  const close = report.losses.every((loss, i) => Math.abs(loss - Number(losses[i])) <= 1e-3 * loss);
  if (!close || report.losses.length !== losses.length) {
    throw new Error(
      `expected losses close to those of the pages, ${losses.join()}, got ${report.losses.join()}`,
    );
  }
}

/**
 * Returns the sizes of a page's scripts, minified and gzipped.
 * @param {string} folder
 */
function sizes(folder) {
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(join(folder, file)));
  const zipped = scripts.map((script) => gzipSync(script, { level: 9 }));
  return [scripts, zipped]
    .map((files) => `${(files.reduce((sum, { length }) => sum + length, 0) / 1000).toFixed(1)} kB`)
    .join(' | ');
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<import('../../workspace.mjs').Result>}
 */
async function caught(work) {
  try {
    await work();
    return { code: 0, output: '' };
  } catch (error) {
    return { code: 1, output: error instanceof Error ? error.message : String(error) };
  }
}

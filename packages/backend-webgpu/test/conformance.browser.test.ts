// Runs the conformance suite in a page, in headless Chromium, which tests the browser's own WebGPU.
import type { Outcome } from '@isonet/conformance';
import { checks, isWrong } from '@isonet/conformance';
import { suiteOf } from '@isonet/conformance/vitest';
import { expect, test } from 'vitest';
import { chromiumMissing, openChromium } from '../../../scripts/chromium.mjs';
import { servePage } from '../../conformance/test/browser/serve.ts';

const missing = chromiumMissing();
const all = checks().filter(({ heavy = false }) => !heavy);
const suite = suiteOf(all, { subset: 'covering' }, process.env);
const note = missing === undefined ? suite.note : `: ${missing}`;

test.skipIf(missing !== undefined)(
  `webgpu in a page passes the suite${note}`,
  { timeout: 1_200_000 },
  async () => {
    await using browser = await openChromium();
    const server = await servePage(new URL('browser/page.ts', import.meta.url));
    try {
      const outcomes = await browser.visit(
        { url: `${server.url}/plain` },
        async ({ page }) => {
          await page.waitForFunction('globalThis.page !== undefined');
          const keys = JSON.stringify(suite.checks.map(({ key }) => key));
          return page.evaluate<readonly Outcome[]>(`globalThis.page.conform(${keys})`);
        },
        { timeoutMs: 1_200_000 },
      );
      expect(outcomes).toHaveLength(suite.checks.length);
      expect(outcomes.filter(({ status }) => isWrong(status))).toEqual([]);
      expect(outcomes.filter(({ status }) => status === 'passed').length).toBeGreaterThan(
        outcomes.length * 0.9,
      );
    } finally {
      await server.close();
    }
  },
);

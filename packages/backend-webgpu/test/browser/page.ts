// The page of conformance.browser.test.ts: runs checks of the suite on the WebGPU of the browser.
import type { Outcome } from '@isonet/conformance';
import { outcomesInPage } from '../../../conformance/test/browser/suite.ts';
import { webgpu } from '../../src/index.ts';

export interface Page {
  /** Runs the checks with these keys, in the order of the suite. */
  conform(keys: readonly string[]): Promise<readonly Outcome[]>;
}

const page: Page = {
  conform: (keys) =>
    outcomesInPage(
      {
        ...webgpu,
        name: 'webgpu (in a page)',
        // Chromium's SwiftShader is a software driver, which opens only by name.
        open: (options) => webgpu.open({ device: 'fallback', ...options }),
        timeoutMs: 180_000,
      },
      keys,
    ),
};

Object.assign(globalThis, { page });

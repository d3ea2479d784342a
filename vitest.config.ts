// Tests run on source, through the export condition "@isonet/source"; with TEST_BUILT=1 the same tests run on dist.
import { defineConfig } from 'vitest/config';

const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['@isonet/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    passWithNoTests: false,
  },
});

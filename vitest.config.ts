// Tests run on source, through the export condition "@isonet/source"; with TEST_BUILT=1 the same tests run on dist.
// `vitest --mode all` runs suites in full that are otherwise reduced to a covering subset; see `npm run test:all`.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['@isonet/source'];

/**
 * Runs the conformance suites, which take minutes, before all other tests, so that all cores finish at about the same
 * time.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /(conformance|reference|toy)[.\w]*\.test\.ts$/.test(moduleId);
    const sorted = await super.sort(files); // oxlint-disable-line unicorn/no-array-sort -- not Array.prototype.sort
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    pool: 'forks',
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    env: { ISONET_TEST_ALL: mode === 'all' ? '1' : '' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    passWithNoTests: false,
  },
}));

// Applies the pending changesets: updates the version in each package.json and src/version.ts, CHANGELOG.md, and the recorded plans,
// whose ids include the version. Commits and publishes nothing.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, step } from '../workspace.mjs';
import { sharedVersion, withRelease } from './changelog.mjs';

/** @param {string[]} args */
function changeset(...args) {
  return run('npm', ['run', '--silent', 'change', '--', ...args]);
}

/** @returns {Promise<import('./changelog.mjs').ReleasePlan>} */
async function pendingRelease() {
  const file = '.cache/release.json'; // changesets resolves it from the root of the repository
  mkdirSync(join(root, '.cache'), { recursive: true });
  const main = await run('git', ['rev-parse', '--verify', '--quiet', 'main']);
  if (main.code !== 0)
    throw new Error(
      'changesets compares with the branch main, which this clone lacks: run git branch main origin/main',
    );
  const { code, output } = await changeset('status', `--output=${file}`);
  if (code !== 0) throw new Error(output.trim());
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

/** @param {string} version */
function writeConstants(version) {
  for (const folder of readdirSync(join(root, 'packages'))) {
    const file = join(root, 'packages', folder, 'src', 'version.ts');
    if (!existsSync(file)) continue;
    const constant = /^export const version = '.*';$/m;
    const source = readFileSync(file, 'utf8');
    if (!constant.test(source)) throw new Error(`${file}: expected a line \`export const version = '...';\``);
    writeFileSync(file, source.replace(constant, `export const version = '${version}';`));
  }
}

async function release() {
  const plan = await pendingRelease();
  const version = sharedVersion(plan);
  const changelog = join(root, 'CHANGELOG.md');
  const date = new Date().toISOString().slice(0, 10);
  if (!(await step(`version ${version}`, () => changeset('version')))) return false;
  writeFileSync(changelog, withRelease(readFileSync(changelog, 'utf8'), plan, date));
  writeConstants(version);
  if (!(await step('formatting', () => run('npx', ['prettier', '--write', 'CHANGELOG.md'])))) return false;
  return step('recording the plans of bits.test', () =>
    run('npx', ['vitest', 'run', 'bits.test'], { RECORD_BITS: '1' }),
  );
}

try {
  if (!(await release())) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// Sets up a checkout: checks Node, installs the packages of the lockfile, builds. Needs only Node and npm. Cheap to repeat: it skips
// the installation while the manifests are unchanged, and the build is incremental.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolders, root, run, step, withPnpm } from './workspace.mjs';

const quiet = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  NO_COLOR: '1',
};
const stamp = join(root, 'node_modules', '.setup-stamp');

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `isonet needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org/en/download`,
  );
  process.exit(1);
}

/** Returns a digest of everything that determines the contents of node_modules. */
function manifestDigest() {
  const manifests = packageFolders().map((folder) => join(folder, 'package.json'));
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

async function install() {
  const digest = manifestDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;
  const passed = await step('installing packages (about 300 MB the first time)', () =>
    run('npx', withPnpm('pnpm', 'install', '--frozen-lockfile'), quiet),
  );
  if (passed) writeFileSync(stamp, digest);
  return passed;
}

function build() {
  return step('building', () =>
    run('npx', withPnpm('turbo', 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'), quiet),
  );
}

checkNode();
process.exitCode = (await install()) && (await build()) ? 0 : 1;

// Packs every package as it would be published and lets publint and arethetypeswrong judge the tarballs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolders, readManifest, root, run, step, withPnpm } from './workspace.mjs';

const bin = join(root, 'node_modules', '.bin');
const out = mkdtempSync(join(tmpdir(), 'isonet-pack-'));

/** @param {string} folder */
function judge(folder) {
  const { name, version } = readManifest(join(root, 'packages', folder, 'package.json'));
  const tarball = join(out, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  return step(name, async () => {
    const linted = await run(join(bin, 'publint'), ['--strict', tarball]);
    return linted.code === 0
      ? run(join(bin, 'attw'), ['--profile', 'esm-only', '--no-emoji', tarball])
      : linted;
  });
}

try {
  const packed = await step('packing', () =>
    run(
      'npx',
      withPnpm('pnpm', '--recursive', '--workspace-concurrency=1', 'pack', '--pack-destination', out),
    ),
  );
  if (!packed) process.exitCode = 1;
  for (const folder of packed ? packageFolders() : []) {
    if (!(await judge(folder))) process.exitCode = 1;
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}

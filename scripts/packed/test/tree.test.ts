// Tests the detection of packages that would run a script when npm installs them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder } from '../temporary.mjs';
import { withInstallScripts } from '../tree.mjs';

/** Returns the problem of an install with one package. */
function problemOf(manifest: object, ...files: readonly string[]): Promise<string> {
  return inTemporaryFolder((folder) => {
    const own = join(folder, 'node_modules', 'a');
    mkdirSync(own, { recursive: true });
    for (const file of files) writeFileSync(join(own, file), '');
    writeFileSync(join(own, 'package.json'), JSON.stringify(manifest));
    const lock = JSON.stringify({ packages: { 'node_modules/a': {} } });
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), lock);
    return Promise.resolve(withInstallScripts(folder));
  });
}

it('finds a script, and a binding.gyp that npm builds without a script', async () => {
  const found = 'expected no package with an install script, got node_modules/a';
  expect(await problemOf({})).toBe('');
  expect(await problemOf({ scripts: { prepack: 'tsc' } })).toBe('');
  expect(await problemOf({ scripts: { postinstall: 'node .' } })).toBe(found);
  expect(await problemOf({}, 'binding.gyp')).toBe(found);
});

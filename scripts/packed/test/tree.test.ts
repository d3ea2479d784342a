// Packages that would run a script when npm installs them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder } from '../temporary.mjs';
import { withInstallScripts } from '../tree.mjs';

/** What is said of an install with one package. */
function saidOf(manifest: object, ...files: readonly string[]): Promise<string> {
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

it('finds a script, and what npm builds without one', async () => {
  const found = 'expected no package with an install script, got node_modules/a';
  expect(await saidOf({})).toBe('');
  expect(await saidOf({ scripts: { prepack: 'tsc' } })).toBe('');
  expect(await saidOf({ scripts: { postinstall: 'node .' } })).toBe(found);
  expect(await saidOf({}, 'binding.gyp')).toBe(found);
});

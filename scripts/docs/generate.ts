// npm run docs: writes docs/api, docs/compatibility.md and docs/compatibility.json. With --check it writes nothing, and fails if
// docs/api is outdated; scripts/test/compatibility.test.ts compares the compatibility table with the devices.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { apiPages } from './api.ts';
import { writeCompatibility } from './compatibility.ts';
import { root } from '../workspace.mjs';

const folder = join(root, 'docs/api');

const pages = await apiPages();
if (process.argv.includes('--check')) {
  const outdated = differences(pages);
  if (outdated.length > 0) {
    console.error(`docs/api is outdated: ${outdated.join(', ')}; run npm run docs`);
    process.exitCode = 1;
  }
} else {
  replaceFolder(pages);
  await writeCompatibility();
}

/** Lists the pages that are missing, changed or superfluous. */
function differences(wanted: ReadonlyMap<string, string>): readonly string[] {
  const existing = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md'))
        .map((file) => file.split(sep).join('/'))
    : [];
  const all = [...new Set([...wanted.keys(), ...existing])].toSorted();
  return all.filter(
    (file) => !existing.includes(file) || readFileSync(join(folder, file), 'utf8') !== wanted.get(file),
  );
}

/** Replaces the folder. Writes all pages under another name first, so that an interruption leaves the old pages. */
function replaceFolder(wanted: ReadonlyMap<string, string>): void {
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const [file, contents] of wanted) {
    mkdirSync(dirname(join(fresh, file)), { recursive: true });
    writeFileSync(join(fresh, file), contents);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

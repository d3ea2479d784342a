// Checks the contents of each tarball against the rules, and prints the sizes.
import { failIf, step } from '../../workspace.mjs';
import { violations } from './rules.mjs';
import { readTarball } from './tarball.mjs';

/** @param {number} bytes */
function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`.padStart(12);
}

/** @param {import('./tarball.mjs').Packed} packed */
function sizeLine({ bytes, manifest, files }) {
  const unpacked = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return `  ${String(manifest.name).padEnd(34)}${kB(bytes)}${kB(unpacked)}${String(files.size).padStart(7)}\n`;
}

/**
 * Checks the contents of packed packages, and prints their sizes as a table.
 * @param {Iterable<string>} tarballs The paths of .tgz files.
 * @returns {Promise<boolean>} Whether all of them follow the rules.
 */
export async function checkContents(tarballs) {
  let table = `  ${'package'.padEnd(34)}${'packed'.padStart(12)}${'unpacked'.padStart(12)}${'files'.padStart(7)}\n`;
  const passed = await step('contents', async () => {
    let output = '';
    for (const tarball of tarballs) {
      const packed = await readTarball(tarball);
      table += sizeLine(packed);
      for (const violation of violations(packed))
        output += `${packed.manifest.name ?? tarball}: ${violation}\n`;
    }
    return failIf(output);
  });
  process.stdout.write(table);
  return passed;
}

// Copies Vulkan's loader, and the X libraries that NVIDIA's driver links to, from Debian's packages: a compute machine lacks them.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, runProgram } from './programs.mjs';

const packages = [
  'libvulkan1',
  'libglvnd0',
  'libx11-6',
  'libxext6',
  'libxcb1',
  'libxau6',
  'libxdmcp6',
  'libbsd0',
  'libmd0',
];

/**
 * Copies each library into the folder, under the name that the system's loader looks for.
 * @param {string} target
 * @param {string} scratch An empty folder.
 * @throws {Error} If apt-get is missing or cannot download.
 */
export function copyLibraries(target, scratch) {
  if (!isInstalled('apt-get')) {
    throw new Error(
      "apt-get, which downloads Vulkan's loader, is missing: pack on Debian or Ubuntu, or use --no-libraries for a machine that has the libraries",
    );
  }
  try {
    // As root, apt-get would switch to a user who may not write here.
    runProgram('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', ...packages], { cwd: scratch });
  } catch (cause) {
    throw new Error(`${messageOf(cause)}; run apt-get update, then pack again`, { cause });
  }
  const debs = readdirSync(scratch).filter((name) => name.endsWith('.deb'));
  for (const deb of debs) runProgram('dpkg-deb', ['-x', join(scratch, deb), join(scratch, 'root')]);
  mkdirSync(target, { recursive: true });
  const files = readdirSync(join(scratch, 'root'), { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile() && /^lib.*\.so\.\d/.test(entry.name))) {
    const path = join(file.parentPath, file.name);
    const [, name] = /\(SONAME\).*\[(.*)\]/.exec(runProgram('readelf', ['-d', path])) ?? [];
    if (name !== undefined) copyFileSync(path, join(target, name));
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

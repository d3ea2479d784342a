// Unpacks the Chromium of npm's @sparticuz/chromium once into .cache. The package's own unpacking writes directly to its final path in
// the system's temporary folder, where one of two processes that start together may run an incomplete file.
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { extract } from 'tar';
import { readManifest, root } from '../workspace.mjs';

const PACKAGE = '@sparticuz/chromium';
/** Uses the package's fonts, so that text looks the same on every machine, including those without fonts. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

/**
 * @typedef {object} Installed
 * @property {string} executable
 * @property {Record<string, string>} env The environment variables that it needs.
 */

/** @returns {string | undefined} One line that explains why this machine has no Chromium; undefined if it has one. */
export function chromiumMissing() {
  const platform = `${process.platform} ${process.arch}`;
  if (process.env['CHROMIUM'] !== undefined || platform === 'linux x64') return undefined;
  return `npm's ${PACKAGE} is built for linux x64, this is ${platform}; set CHROMIUM to the path of a Chromium or Chrome`;
}

/**
 * Returns the executable that CHROMIUM names, or else the package's executable, unpacked if necessary. Safe in
 * concurrent processes.
 * @returns {Promise<Installed>}
 */
export async function installChromium() {
  const missing = chromiumMissing();
  if (missing !== undefined) throw new Error(missing);
  const named = process.env['CHROMIUM'];
  if (named === undefined) return installPackage();
  if (!existsSync(named)) throw new Error(`CHROMIUM: no such file: ${named}`);
  return { executable: named, env: {} };
}

async function installPackage() {
  const source = join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..');
  const { version } = readManifest(join(source, 'package.json'));
  const folder = join(root, '.cache', `chromium-${version}`);
  // A folder of this name is complete: it is renamed only after everything is in it.
  if (!existsSync(folder)) await unpack(join(source, 'bin'), folder);
  const executable = join(folder, 'chromium');
  return { executable, env: await environment(executable) };
}

/**
 * @param {string} archives
 * @param {string} folder
 */
async function unpack(archives, folder) {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    await pipeline(
      createReadStream(join(archives, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(temporary, 'chromium'), { mode: 0o755 }),
    );
    for (const name of ['swiftshader', 'fonts', 'al2023']) {
      const file = join(archives, `${name}.tar.br`);
      await extract({ file, cwd: temporary, brotli: true, strict: true, preserveOwner: false });
    }
    await writeFile(join(temporary, 'fonts.conf'), FONTS);
    await rename(temporary, folder).catch((error) => {
      if (!existsSync(folder)) throw error; // otherwise another process was faster, with the same files
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Returns the environment of the executable. The package contains NSS, which containers lack. The system's own NSS takes precedence,
 * because it gets security updates.
 * @param {string} executable
 */
async function environment(executable) {
  const folder = dirname(executable);
  const fonts = { FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  if ((await missingLibraries(executable, fonts)).length === 0) return fonts;
  const env = { ...fonts, LD_LIBRARY_PATH: join(folder, 'lib') };
  const missing = await missingLibraries(executable, env);
  if (missing.length === 0) return env;
  throw new Error(
    `${executable} lacks ${missing.join(', ')}; install them with the system's package manager`,
  );
}

/**
 * @param {string} executable
 * @param {Record<string, string>} env
 * @returns {Promise<string[]>} The shared libraries that the system's loader cannot find.
 */
async function missingLibraries(executable, env) {
  const { stdout } = await promisify(execFile)('ldd', [executable], { env: { ...process.env, ...env } });
  return Array.from(stdout.matchAll(/^\s*(\S+) => not found$/gm), ([, name = '']) => name);
}

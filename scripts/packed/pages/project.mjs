// A user's project: the packed packages and what they depend on in its node_modules, and the programs of pages/project.
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFolders, readManifest, root, run } from '../../workspace.mjs';

/** What the programs import and, for those that run in Node, data and the software driver. */
const imported = [
  'isonet',
  '@isonet/onnx',
  '@isonet/backend-webgpu',
  '@isonet/backend-onnx',
  '@isonet/fashion-mnist-sample',
];
const driver = '@sparticuz/chromium';

/**
 * Fills an empty folder. Our packages are unpacked; what they depend on is linked to where it is installed in the clone.
 * @param {ReadonlyMap<string, string>} tarballs By the name of the package.
 * @param {string} folder
 */
export async function makePagesProject(tarballs, folder) {
  cpSync(join(root, 'scripts', 'packed', 'pages', 'project'), folder, { recursive: true });
  cpSync(join(root, 'examples', 'browser'), join(folder, 'browser'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const modules = join(folder, 'node_modules');
  link(join(root, 'node_modules', driver), join(modules, driver));

  const sources = new Map(
    packageFolders().map((name) => {
      const source = join(root, 'packages', name);
      return [readManifest(join(source, 'package.json')).name, source];
    }),
  );
  const pending = [...imported];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const target = join(modules, name);
    if (existsSync(target)) continue;
    mkdirSync(target, { recursive: true });
    const tarball = tarballs.get(name) ?? '';
    const unpacked = await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    if (unpacked.code !== 0) return unpacked;
    const { dependencies = {}, optionalDependencies = {} } = readManifest(join(target, 'package.json'));
    for (const other of Object.keys(dependencies)) {
      if (tarballs.has(other)) pending.push(other);
      else link(join(sources.get(name) ?? '', 'node_modules', other), join(modules, other));
    }
    for (const other of Object.keys(optionalDependencies)) {
      const installed = join(sources.get(name) ?? '', 'node_modules', other);
      if (existsSync(installed)) link(installed, join(modules, other));
    }
  }
  return { code: 0, output: '' };
}

/**
 * @param {string} source
 * @param {string} target
 */
function link(source, target) {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(source, target, 'dir');
}

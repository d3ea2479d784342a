// Removes the outputs of builds and checks in the whole workspace, or in the given folder. `tsc -b` never deletes the output of a
// deleted source file, so packing starts with this.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageFolders, root } from './workspace.mjs';

const [folder] = process.argv.slice(2);
const folders = folder ? [resolve(folder)] : [root, ...packageFolders().map((name) => join(root, name))];
for (const base of folders) {
  for (const output of ['dist', '.cache', '.turbo', 'coverage']) {
    rmSync(join(base, output), { recursive: true, force: true });
  }
}

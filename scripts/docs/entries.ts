// Lists the modules to document: the entry points that each package.json exports.
import { join, posix, sep } from 'node:path';
import { packageFolders, readManifest, root } from '../workspace.mjs';

/** A module that a user imports. */
export interface Entry {
  /** The name in an import: `@isonet/data/browser`. */
  readonly name: string;
  /** `.`, `./browser` */
  readonly subpath: string;
  /** The description of its package. */
  readonly description: string;
  /** Its source file, relative to the root: `packages/data/src/browser.ts`. */
  readonly source: string;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly description: string;
  readonly exports?: Readonly<Record<string, string | { readonly '@isonet/source'?: string }>>;
}

/** Returns the entry points of all published packages, in alphabetical order. */
export function entries(): readonly Entry[] {
  const found = packageFolders().flatMap((folder): readonly Entry[] => {
    const manifest = readManifest(join(root, folder, 'package.json')) as Manifest;
    if (manifest.private) return [];
    return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const source = typeof target === 'string' ? undefined : target['@isonet/source'];
      if (source === undefined) return [];
      const { name, description } = manifest;
      return [
        {
          name: name + subpath.slice(1),
          subpath,
          description,
          source: posix.join(folder.split(sep).join('/'), source),
        },
      ];
    });
  });
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

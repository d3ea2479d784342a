// Splits the documentation of a large package into modules, one per source folder: `@isonet/core/layers`.
import { posix, relative, sep } from 'node:path';
import type { ProjectReflection } from 'typedoc';
import { DeclarationReflection, ReflectionKind } from 'typedoc';
import { root } from '../workspace.mjs';

/** The number of exports above which a package is split. */
const LONGEST_PAGE = 60;

/**
 * Moves declarations into one module per folder, if the package is large.
 * @returns the folders, sorted by name
 */
export function splitByFolder(module: DeclarationReflection, source: string): readonly string[] {
  const children = [...(module.children ?? [])];
  if (children.length <= LONGEST_PAGE) return [];
  const src = posix.dirname(source);
  const modules = new Map<string, DeclarationReflection>();
  for (const child of children) {
    const folder = folderOf(child, src);
    if (folder === undefined) continue;
    const target = modules.get(folder) ?? newModule(module.project, `${module.name}/${folder}`);
    modules.set(folder, target);
    module.removeChild(child);
    child.parent = target;
    target.addChild(child);
  }
  return [...modules.keys()].toSorted();
}

/** Returns the folder of a declaration, such as `train/fit`; undefined for the folder of the entry point. */
function folderOf({ sources }: DeclarationReflection, src: string): string | undefined {
  const full = sources?.[0]?.fullFileName;
  if (full === undefined) return undefined;
  const file = relative(root, full).split(sep).join('/');
  if (!file.startsWith(`${src}/`)) return undefined;
  const folder = posix.dirname(posix.relative(src, file));
  return folder === '.' ? undefined : folder;
}

function newModule(project: ProjectReflection, name: string): DeclarationReflection {
  const module = new DeclarationReflection(name, ReflectionKind.Module, project);
  project.registerReflection(module, undefined, undefined);
  project.addChild(module);
  return module;
}

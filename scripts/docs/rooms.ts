// Splits a long package into modules, one for each folder of its sources: `@isonet/core/layers`.
import { posix, relative, sep } from 'node:path';
import type { ProjectReflection } from 'typedoc';
import { DeclarationReflection, ReflectionKind } from 'typedoc';
import { root } from '../workspace.mjs';

/** A package with more exports than this is split. */
const LONGEST_PAGE = 60;

/**
 * Moves what is declared in folders into modules of their own, where the module is long.
 * @returns the folders, in alphabetical order
 */
export function roomsOf(module: DeclarationReflection, source: string): readonly string[] {
  const children = [...(module.children ?? [])];
  if (children.length <= LONGEST_PAGE) return [];
  const src = posix.dirname(source);
  const rooms = new Map<string, DeclarationReflection>();
  for (const child of children) {
    const room = roomOf(child, src);
    if (room === undefined) continue;
    const target = rooms.get(room) ?? newModule(module.project, `${module.name}/${room}`);
    rooms.set(room, target);
    module.removeChild(child);
    child.parent = target;
    target.addChild(child);
  }
  return [...rooms.keys()].toSorted();
}

/** The folder in which something is declared, `train/fit`; undefined beside the entry point. */
function roomOf({ sources }: DeclarationReflection, src: string): string | undefined {
  const full = sources?.[0]?.fullFileName;
  if (full === undefined) return undefined;
  const file = relative(root, full).split(sep).join('/');
  if (!file.startsWith(`${src}/`)) return undefined;
  const room = posix.dirname(posix.relative(src, file));
  return room === '.' ? undefined : room;
}

function newModule(project: ProjectReflection, name: string): DeclarationReflection {
  const module = new DeclarationReflection(name, ReflectionKind.Module, project);
  project.registerReflection(module, undefined, undefined);
  project.addChild(module);
  return module;
}

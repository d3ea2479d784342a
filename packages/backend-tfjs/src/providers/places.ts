// Where TensorFlow.js's Node packages are looked for, and which of them has its native binding.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Form, Package } from '../install/forms.ts';
import { commandFor, defaultFolder, formOf } from '../install/forms.ts';

/** Names the folder that isonet-tensorflow makes. While it is set, nothing else is looked at. */
export const FOLDER = 'ISONET_TENSORFLOW';
/** Those that the packages are built for; each has a folder. */
const NAPI_VERSIONS = [3, 4, 5, 6, 7, 8];

/** A package that is there. */
export interface Place {
  /** The file that requiring it loads. */
  readonly entry: string;
  /** Whether it was built or its binding downloaded: installing the package says nothing about that. */
  readonly hasBinding: boolean;
  /** Where `isonet-tensorflow` put it, which is no part of a project. */
  readonly folder?: string;
}

/** The first that has a binding, else the first that is there at all. */
export function find(name: Package): Place | undefined {
  const places = candidates(name)
    .map(placed)
    .filter((place) => place !== undefined);
  return places.find((place) => place.hasBinding) ?? places[0];
}

/** NVIDIA's packages beside the library, e.g. `nvidia_cublas_cu12-12.5.3.2`; none where it takes the system's CUDA. */
export function cudaPackages({ entry }: Place): readonly string[] {
  const folder = join(dirname(entry), '..', 'deps');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^(nvidia_.+)\.dist-info$/.exec(name)?.[1] ?? [])
    .toSorted();
}

export function hasBinding(name: Package): boolean {
  return find(name)?.hasBinding === true;
}

/** What to do where the form is not found. */
export function fixFor(form: Form): string {
  return namedFolder() === undefined ? commandFor(form) : `${commandFor(form)}, or unset ${FOLDER}`;
}

export function namedFolder(): string | undefined {
  const named = process.env[FOLDER];
  return named === undefined || named === '' ? undefined : resolve(named);
}

/** The named folder alone; or else this package, the project in the working directory, and the user's cache. */
function candidates(name: Package): readonly Candidate[] {
  const named = namedFolder();
  if (named !== undefined) return [inFolder(name, named)];
  const kept = defaultFolder(formOf(name));
  return [
    { from: () => import.meta.url, request: name },
    { from: () => join(process.cwd(), 'package.json'), request: name },
    ...(kept === undefined ? [] : [inFolder(name, kept)]),
  ];
}

interface Candidate {
  /** Modules are resolved as this file would. */
  readonly from: () => string;
  readonly request: string;
  readonly folder?: string;
}

/** By its path: a name would also be looked for in the folders around. */
function inFolder(name: Package, folder: string): Candidate {
  return { from: () => import.meta.url, request: join(folder, 'node_modules', name), folder };
}

function placed({ from, request, folder }: Candidate): Place | undefined {
  let entry: string;
  try {
    entry = createRequire(from()).resolve(request);
  } catch {
    return undefined; // not there
  }
  const isBuilt = NAPI_VERSIONS.some((napi) =>
    existsSync(join(dirname(entry), '..', 'lib', `napi-v${napi}`, 'tfjs_binding.node')),
  );
  return { entry, hasBinding: isBuilt, ...(folder === undefined ? {} : { folder }) };
}

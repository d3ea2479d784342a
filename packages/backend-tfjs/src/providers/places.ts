// Finds TensorFlow.js's Node packages, and checks whether they have their native binding.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Form, Package } from '../install/forms.ts';
import { commandFor, defaultFolder, formOf } from '../install/forms.ts';

/**
 * The variable that names a folder in which isonet-tensorflow has installed a package. While it is set, packages are
 * looked up only there.
 */
export const FOLDER = 'ISONET_TENSORFLOW';
/** The Node-API versions that the packages are built for. Each has a folder. */
const NAPI_VERSIONS = [3, 4, 5, 6, 7, 8];

/** A package that was found. */
export interface Place {
  /** The package's entry file. */
  readonly entry: string;
  /** Whether the package has its native binding. An installed package may lack it. */
  readonly hasBinding: boolean;
  /** The folder of `isonet-tensorflow` that contains the package; undefined for a package in a project. */
  readonly folder?: string;
}

/** Finds the first candidate that has a binding, or else the first that exists. */
export function find(name: Package): Place | undefined {
  const places = candidates(name)
    .map(placed)
    .filter((place) => place !== undefined);
  return places.find((place) => place.hasBinding) ?? places[0];
}

/** Returns NVIDIA's packages next to the library, e.g. `nvidia_cublas_cu12-12.5.3.2`; none if it uses the system's CUDA. */
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

/** Returns the fix for a form that is not found. */
export function fixFor(form: Form): string {
  const command = `run ${commandFor(form)}`;
  return namedFolder() === undefined ? command : `${command}, or unset ${FOLDER}`;
}

export function namedFolder(): string | undefined {
  const named = process.env[FOLDER];
  return named === undefined || named === '' ? undefined : resolve(named);
}

/**
 * Returns the places to look in. If ISONET_TENSORFLOW names a folder, that is the only one. Otherwise they are next
 * to this package, in the project of the working directory, and in the cache.
 */
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
  /** Returns the file from which the module is resolved. */
  readonly from: () => string;
  readonly request: string;
  readonly folder?: string;
}

/**
 * Returns the candidate in a folder. It is requested by its path, because a name would also be looked up in the
 * parent folders.
 */
function inFolder(name: Package, folder: string): Candidate {
  return { from: () => import.meta.url, request: join(folder, 'node_modules', name), folder };
}

function placed({ from, request, folder }: Candidate): Place | undefined {
  let entry: string;
  try {
    entry = createRequire(from()).resolve(request);
  } catch {
    return undefined; // not installed
  }
  const isBuilt = NAPI_VERSIONS.some((napi) =>
    existsSync(join(dirname(entry), '..', 'lib', `napi-v${napi}`, 'tfjs_binding.node')),
  );
  return { entry, hasBinding: isBuilt, ...(folder === undefined ? {} : { folder }) };
}

// Checks for docstrings, which editors show: on the signature of each op, and on each export of every package.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import * as core from '@isonet/core';
import { describe, expect, it } from 'vitest';

const packages = join(import.meta.dirname, '../..');

const DECLARATION =
  /^(?:export )?(?:declare |abstract |async )*(?:const|let|function\*?|class|interface|type) (?<name>\w+)/gm;
const LIST = /^export (?:type )?(?:\{(?<names>[^}]*)\}|\*)(?: from '(?<from>[^']+)')?;/gm;

/** The links in docstrings. Editors resolve only names that the file itself declares or imports. */
const LINK = /\{@link (?<name>\w+)/g;

interface Exported {
  readonly name: string;
  /** The file that declares it. */
  readonly file: string;
}

/** Returns the exports of a file. Re-exports from other packages are checked in their own package. */
function exportsOf(file: string): readonly Exported[] {
  const text = readFileSync(file, 'utf8');
  const declared = [...text.matchAll(DECLARATION)].filter(([start]) => start.startsWith('export '));
  const listed = [...text.matchAll(LIST)].flatMap(({ groups = {} }): readonly Exported[] => {
    const { names, from = file } = groups;
    if (from !== file && !from.startsWith('.')) return [];
    const target = resolve(dirname(file), from);
    if (names === undefined) return exportsOf(target);
    const locals = names.split(',').map(
      (entry) =>
        entry
          .trim()
          .replace(/^type /, '')
          .split(' as ')[0] ?? '',
    );
    return locals.filter((name) => name !== '').flatMap((name) => originOf(name, target, file) ?? []);
  });
  return [...declared.map(({ groups }) => ({ name: groups?.['name'] ?? '', file })), ...listed];
}

/**
 * Finds the declaration of a name; returns undefined if it is in another package.
 * @throws Error for an export that these patterns do not match: extend them or simplify the export
 */
function originOf(name: string, file: string, importer: string): Exported | undefined {
  const text = readFileSync(file, 'utf8');
  if ([...text.matchAll(DECLARATION)].some(({ groups }) => groups?.['name'] === name)) return { name, file };
  const isReexport = [...text.matchAll(LIST)].some(
    ({ groups: { names = '', from = file } = {} }) =>
      from !== file && !from.startsWith('.') && names.split(',').some((entry) => entry.trim() === name),
  );
  if (isReexport) return undefined;
  const found = file === importer ? undefined : exportsOf(file).find((exported) => exported.name === name);
  if (!found) throw new Error(`${importer}: the declaration of ${name} is not in ${file}`);
  return found;
}

/**
 * Returns true if the first declaration of a name (the first of its overloads) has a docstring, possibly followed by line
 * comments.
 */
function isDocumented({ name, file }: Exported): boolean {
  const text = readFileSync(file, 'utf8');
  const [first] = [...text.matchAll(DECLARATION)].filter(({ groups }) => groups?.['name'] === name);
  return hasDocstring(text.slice(0, first?.index));
}

/** Returns true if a text ends with a docstring. */
function hasDocstring(before: string): boolean {
  const end = before.replace(/(?:\n[ ]*\/\/[^\n]*)*\s*$/, '');
  return end.endsWith('*/') && end.startsWith('/**', end.lastIndexOf('/*'));
}

function entriesOf(name: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')) as {
    readonly exports?: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  };
  return Object.values(manifest.exports ?? {}).flatMap((entry) => {
    const source = typeof entry === 'string' ? undefined : entry['@isonet/source'];
    return source === undefined ? [] : [join(packages, name, source)];
  });
}

describe('docstrings', () => {
  it('exist on the signature of every op', () => {
    const lacking = core.opNames.filter((op) => {
      const text = readFileSync(join(packages, 'core/src/ops', `${op}.ts`), 'utf8');
      return !hasDocstring(
        text.slice(0, text.search(new RegExp(`^ +readonly ${op}: (?:Primitive|Composite)<`, 'm'))),
      );
    });
    expect(lacking).toEqual([]);
  });

  it('are checked for every value that this package exports', () => {
    const found = entriesOf('core').flatMap(exportsOf);
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(core)));
  });

  it.each(readdirSync(packages))('exist on every export of %s', (name) => {
    const lacking = entriesOf(name)
      .flatMap(exportsOf)
      .filter((each) => !isDocumented(each))
      .map((each) => `${relative(packages, each.file)}: ${each.name}`);
    expect([...new Set(lacking)]).toEqual([]);
  });

  it.each(readdirSync(packages))('link only to names known in their file in %s', (name) => {
    const files = readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' });
    const unknown = files.flatMap((file) => {
      if (!file.endsWith('.ts')) return [];
      const text = readFileSync(join(packages, name, 'src', file), 'utf8');
      const code = text.replaceAll(/\/\*\*.*?\*\//gs, '');
      const links = [...text.matchAll(LINK)].map(({ groups }) => groups?.['name'] ?? '');
      return links
        .filter((link) => !new RegExp(String.raw`\b${link}\b`).test(code))
        .map((link) => `${name}/src/${file}: ${link}`);
    });
    expect(unknown).toEqual([]);
  });
});

// Generates the API documentation from the docstrings: a page for each entry point, and in large packages one for each source folder.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { DeclarationReflection, ProjectReflection, TypeDocOptions } from 'typedoc';
import { Application, Converter } from 'typedoc';
import { defined, opNames } from '@isonet/core';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import type { Entry } from './entries.ts';
import { root } from '../workspace.mjs';
import { entries } from './entries.ts';
import { indexPage, pageOf, preface } from './indexPage.ts';
import { opSections } from './ops.ts';
import { splitByFolder } from './splitByFolder.ts';
import { tidyPage, tidyReflections } from './tidy.ts';

/** The file that collects the ops' signatures. No entry point exports their interface by name. */
const SIGNATURES = 'packages/core/src/ops/signatures.ts';
const OPS_PAGE = 'core/ops.md';

/**
 * Returns all pages of docs/api, by their path in it.
 * @throws Error if TypeDoc prints a warning, which goes to stderr
 */
export async function apiPages(): Promise<ReadonlyMap<string, string>> {
  const out = mkdtempSync(join(tmpdir(), 'isonet-api-'));
  try {
    const all = entries();
    const app = await Application.bootstrapWithPlugins(optionsFor(all, out), []);
    const folders = new Map<Entry, readonly string[]>();
    let ops = '';
    app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
      const { project } = context;
      const signatures = moduleOf(project, SIGNATURES);
      ops = opSections(signatures, context);
      project.removeReflection(signatures);
      for (const entry of all) {
        const module = moduleOf(project, entry.source);
        module.name = entry.name;
        folders.set(entry, splitByFolder(module, entry.source));
      }
      tidyReflections(project);
    });
    const project = await app.convert();
    if (!project) throw new Error('TypeDoc cannot read the sources: see above');
    app.validate(project);
    await app.generateOutputs(project);
    if (app.logger.hasErrors() || app.logger.hasWarnings())
      throw new Error('TypeDoc printed warnings: see above');

    const pages = new Map<string, string>();
    for (const [url, contents] of readPages(out)) {
      const entry = all.find((one) => pageOf(one.name) === url);
      const before = entry ? preface(entry, defined(folders.get(entry), `the folders of ${entry.name}`)) : '';
      const after = url === OPS_PAGE ? ops : '';
      pages.set(url, tidyPage(contents, url, before, after));
    }
    return pages.set('README.md', indexPage(all, folders));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function optionsFor(all: readonly Entry[], out: string): Partial<TypeDocOptions & PluginOptions> {
  const sources = new Map(all.map(({ name, source }) => [name, join(root, source)]));
  return {
    entryPoints: [...sources.values(), join(root, SIGNATURES)],
    // With `paths`, TypeDoc does not treat the packages as external libraries, so their pages link to each other.
    compilerOptions: { paths: Object.fromEntries([...sources].map(([name, file]) => [name, [file]])) },
    tsconfig: join(import.meta.dirname, 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    out,
    readme: 'none',
    logLevel: 'Warn',
    // TypeScript 7 checks the sources; this compiler only reads them.
    skipErrorChecking: true,
    // Types that no entry point exports by name are described in words, or omitted.
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
    // The attributes of an op link to the op, whose section is not a TypeDoc reflection.
    externalSymbolLinkMappings: {
      '@isonet/core': Object.fromEntries(opNames.map((op) => [op, `#${op.toLowerCase()}`])),
    },
    excludeExternals: true,
    excludePrivate: true,
    // `kindSortOrder` and `groupOrder` have to agree: TypeDoc numbers anchors in one order and writes headings in the
    // other.
    sort: ['kind', 'alphabetical'],
    kindSortOrder: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
    groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables'],
    // Links with commit hashes would change on every page with every commit.
    disableGit: true,
    basePath: root,
    sourceLinkTemplate: '{path}',
    router: 'module',
    excludeScopesInPaths: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    // Explicit anchors, because the plugin numbers repeated names differently from GitHub's repeated headings.
    useHTMLAnchors: true,
    anchorPrefix: 'api-',
    useCodeBlocks: true,
    expandParameters: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: {
      hideSources: true,
      hideModifiers: true,
      hideInherited: true,
      hideOverrides: true,
    },
  };
}

/** Returns the module of a file. @throws Error if TypeDoc has created no module for it */
function moduleOf(project: ProjectReflection, source: string): DeclarationReflection {
  const file = join(root, source).split(sep).join('/');
  const found = project.children?.find(({ sources }) => sources?.[0]?.fullFileName === file);
  if (!found) throw new Error(`${source}: expected a TypeDoc module, got none`);
  return found;
}

function readPages(folder: string): readonly (readonly [url: string, contents: string])[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  );
  return files
    .toSorted()
    .map((file) => [file.split(sep).join('/'), readFileSync(join(folder, file), 'utf8')] as const);
}

// Renders the index of the API documentation, and the introduction of an entry point's page.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { defined } from '@isonet/core';
import type { Entry } from './entries.ts';
import { root } from '../workspace.mjs';

/** Descriptions of the folders of packages that are split, where the name is not enough. */
const folderTexts: Readonly<Record<string, string>> = {
  '@isonet/core/backend': 'the contract of a backend, and the kit for writing one',
  '@isonet/core/backend/remote': 'devices in a worker or on another machine',
  '@isonet/core/graph': 'graphs: their types, the builder, validation, print, JSON',
  '@isonet/core/layers': 'the layers of networks',
  '@isonet/core/ops': 'every op of graphs, with its shapes, attributes and errors',
  '@isonet/core/passes': 'graph transformations: gradients, decomposition, inlining',
  '@isonet/core/train': 'models, optimizers, schedules, the trainer, evaluation, prediction',
  '@isonet/core/train/data': 'datasets and batches',
  '@isonet/core/train/fit': 'the training loop',
  '@isonet/core/train/graphs': 'the graphs of a training step',
  '@isonet/core/train/task': 'training objectives: classification, regression, several labels',
  '@isonet/runs/devices': 'the table of backends, and opening one of their devices',
  '@isonet/runs/folder': 'run folders: their record, checkpoints, plans',
  '@isonet/runs/ownModel': 'user-defined networks from files',
  '@isonet/runs/training': 'preparing, running and resuming training',
};

/** Lists the packages, their entry points and their pages. */
export function indexPage(all: readonly Entry[], folders: ReadonlyMap<Entry, readonly string[]>): string {
  const lines = all.flatMap((entry) => [
    `- [\`${entry.name}\`](${pageOf(entry.name)}): ${textOf(entry)}`,
    ...folderLinks(entry, defined(folders.get(entry), `the folders of ${entry.name}`)).map(
      (line) => `  ${line}`,
    ),
  ]);
  return [
    '# API documentation',
    'Generated from the docstrings by `npm run docs`: edit those, not these pages. Shapes are code: `x: [N, C, H, W] -> [N, K]`.',
    '`isonet` re-exports everything from `@isonet/core`, `@isonet/data` and `@isonet/models`; its page is an index of all names.',
    lines.join('\n'),
    'The [compatibility](../compatibility.md) page shows which backend has a kernel for which op.\n',
  ].join('\n\n');
}

/** Renders the description of the package, the import statement, and links to the package's other pages. */
export function preface(entry: Entry, folders: readonly string[]): string {
  const parts = [`${textOf(entry)}.`, `\`\`\`ts\nimport { ... } from '${entry.name}';\n\`\`\``];
  if (folders.length > 0) {
    const links = folderLinks(entry, folders).join('\n');
    parts.push(
      `These pages are split by source folder; everything is exported from \`${entry.name}\`. The rest is below.`,
      links,
    );
  }
  return parts.join('\n\n');
}

/** Returns the page of a module, relative to docs/api: `core/ops.md` for `@isonet/core/ops`. */
export function pageOf(module: string): string {
  return `${module.replace('@isonet/', '')}.md`;
}

function folderLinks({ name }: Entry, folders: readonly string[]): readonly string[] {
  return folders.map((folder) => {
    const module = posix.join(name, folder);
    const text = folderTexts[module];
    return `- [${folder}](${pageOf(module)})${text === undefined ? '' : `: ${text}`}`;
  });
}

/** Returns the description of a package; for a subpath, the first sentence of its source. */
function textOf({ description, source, subpath }: Entry): string {
  if (subpath === '.') return description;
  const text = /^\/\/ (.*?(?:\n\/\/ .*?)*?)[.;]\s/.exec(readFileSync(join(root, source), 'utf8'))?.[1];
  if (text === undefined)
    throw new Error(`${source}: expected a comment that describes the entry point, got none`);
  return text.replaceAll('\n// ', ' ');
}

// The index of the API documentation, and what stands at the top of an entry point's page.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { defined } from '@isonet/core';
import type { Entry } from './entries.ts';
import { root } from '../workspace.mjs';

/** What is in the folders of the packages that are split, where the name does not say it. */
const roomTexts: Readonly<Record<string, string>> = {
  '@isonet/core/backend': 'the contract of a backend, and the kit that one is made with',
  '@isonet/core/backend/remote': 'devices in a worker or on another machine',
  '@isonet/core/graph': 'graphs: their types, the builder, validation, print, JSON',
  '@isonet/core/layers': 'what networks are written with',
  '@isonet/core/ops': 'what graphs are made of: every op, with its shapes, attributes and errors',
  '@isonet/core/passes': 'graph to graph: gradients, decomposition, inlining',
  '@isonet/core/train': 'models, optimizers, schedules, the trainer, evaluation, prediction',
  '@isonet/core/train/data': 'datasets and batches',
  '@isonet/core/train/fit': 'the training loop',
  '@isonet/core/train/graphs': 'the graphs of a training step',
  '@isonet/core/train/task': 'what a network learns: classification, regression, several labels',
  '@isonet/runs/devices': 'the table of backends, and opening a device of it',
  '@isonet/runs/folder': 'run folders: their record, checkpoints, plans',
  '@isonet/runs/ownModel': 'networks of a user of the command line, defined in a file',
  '@isonet/runs/training': 'preparing, running and resuming a training',
};

/** Lists the packages, their entry points and their pages. */
export function indexPage(all: readonly Entry[], folders: ReadonlyMap<Entry, readonly string[]>): string {
  const lines = all.flatMap((entry) => [
    `- [\`${entry.name}\`](${pageOf(entry.name)}): ${textOf(entry)}`,
    ...folderLinks(entry, defined(folders.get(entry), `the folders of ${entry.name}`)).map((line) => `  ${line}`),
  ]);
  return [
    '# API documentation',
    'Generated from the docstrings by `npm run docs`: edit those, not these pages. Shapes are code: `x: [N, C, H, W] -> [N, K]`.',
    '`isonet` is everything of `@isonet/core`, `@isonet/data` and `@isonet/models`; its page is an index of all names.',
    lines.join('\n'),
    'Which backend has a kernel for which op: [compatibility](../compatibility.md).\n',
  ].join('\n\n');
}

/** What the package is, how the module is imported, and where the rest of it is. */
export function preface(entry: Entry, folders: readonly string[]): string {
  const parts = [`${textOf(entry)}.`, `\`\`\`ts\nimport { ... } from '${entry.name}';\n\`\`\``];
  if (folders.length > 0) {
    const links = folderLinks(entry, folders).join('\n');
    parts.push(
      `By the folders of the sources, all of them exported from \`${entry.name}\`; the rest is below.`,
      links,
    );
  }
  return parts.join('\n\n');
}

/** The page of a module, relative to docs/api: `core/ops.md` of `@isonet/core/ops`. */
export function pageOf(module: string): string {
  return `${module.replace('@isonet/', '')}.md`;
}

function folderLinks({ name }: Entry, folders: readonly string[]): readonly string[] {
  return folders.map((folder) => {
    const module = posix.join(name, folder);
    const text = roomTexts[module];
    return `- [${folder}](${pageOf(module)})${text === undefined ? '' : `: ${text}`}`;
  });
}

/** The description of the package; of a subpath, the first sentence of its source. */
function textOf({ description, source, subpath }: Entry): string {
  if (subpath === '.') return description;
  const text = /^\/\/ (.*?(?:\n\/\/ .*?)*?)[.;]\s/.exec(readFileSync(join(root, source), 'utf8'))?.[1];
  if (text === undefined) throw new Error(`${source}: expected a comment that says what the entry point is`);
  return text.replaceAll('\n// ', ' ');
}

// Cleans up TypeDoc's reflections and pages, so that they read well and change only with a docstring or a signature.
import { posix } from 'node:path';
import type { Comment, ProjectReflection } from 'typedoc';
import { ParameterReflection } from 'typedoc';

/** Names destructured options, and collects several `@throws` under one heading. */
export function tidyReflections(project: ProjectReflection): void {
  for (const reflection of Object.values(project.reflections)) {
    if (reflection instanceof ParameterReflection && reflection.name.startsWith('__namedParameters')) {
      reflection.name = 'options';
    }
    if (reflection.comment) joinThrows(reflection.comment);
  }
}

function joinThrows(comment: Comment): void {
  const [first, ...rest] = comment.blockTags.filter(({ tag }) => tag === '@throws');
  if (!first || rest.length === 0) return;
  first.content = [first, ...rest].flatMap(({ content }, i) => [
    { kind: 'text', text: i === 0 ? '- ' : '\n- ' },
    ...content.map((part) => ({ ...part, text: part.text.replaceAll('\n', '\n  ') })),
  ]);
  comment.blockTags = comment.blockTags.filter((tag) => !rest.includes(tag));
}

/**
 * Cleans up a page. Makes links to sources relative to the page, without line numbers, which change with every edit.
 * @param url the path of the page, relative to docs/api
 * @param before Markdown below the title
 * @param after Markdown at the end
 */
export function tidyPage(contents: string, url: string, before: string, after: string): string {
  const up = posix.relative(posix.dirname(posix.join('docs/api', url)), '.');
  const [title = '', ...rest] = contents
    // Removes links to declarations that are inherited from the language.
    .replaceAll(/^Defined in: \[node\\_modules.*\n\n/gm, '')
    .replaceAll(
      /^Defined in: \[(?<path>[^\]]*):\d+\]\([^)]*\)$/gm,
      (_line, path: string) => `[Source](${up}/${path.replaceAll('\\', '')})`,
    )
    .replaceAll(
      /^(?:<a id="[^"]*"><\/a>\n\n)?### .*\n\n(?<target>(?:Re-exports|Renames and re-exports) .*)\n(?:\n\*\*\*\n\n?)?/gm,
      (_section, target: string) => `- ${target.replace(/^Re-exports /, '')}\n`,
    )
    .replace(/^## References$/m, '## Exports documented on other pages')
    // Shows a dash for a parameter without a default.
    .replaceAll(' | `undefined` | ', ' | - | ')
    .trim()
    .split('\n');
  const parts = [title, before, rest.join('\n').trim(), after].filter((part) => part !== '');
  return `${parts.join('\n\n')}\n`;
}

// The links of a page in Markdown, as a reader of the package follows them: on npm's site and in node_modules.
import { posix } from 'node:path';

/**
 * @param {string} path Of the page in its package.
 * @param {string} page
 * @param {ReadonlyMap<string, unknown>} files The package's, by path.
 * @returns {readonly string[]} The links that lead nowhere, a line each.
 */
export function brokenLinks(path, page, files) {
  const prose = page.replace(/^(```+|~~~+)[^]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const anchors = [...prose.matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => anchor(heading));
  return [...prose.matchAll(/\]\(<?([^)\s>]+)|^\[[^\]]+\]: *<?([^\s>]+)|(?:href|src)="([^"]+)"/gm)]
    .map(([, inline, reference, html]) => inline ?? reference ?? html ?? '')
    .filter((target) => !leadsSomewhere(target))
    .map((target) => `${path} links to ${target}, which is not in the package`);

  /** @param {string} target */
  function leadsSomewhere(target) {
    if (/^(https?:|mailto:)/.test(target)) return true;
    if (target.startsWith('#')) return anchors.includes(target.slice(1));
    return files.has(posix.join(posix.dirname(path), target.replace(/#.*/, '')));
  }
}

/** @param {string} heading */
function anchor(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

// Checks the links of Markdown files without a network: a relative link must lead to a file and, if it names one, to an anchor;
// absolute links are only listed. HTML inside Markdown counts, too: <a id>, <a href>, <img src>.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import GithubSlugger from 'github-slugger';
import { Marked } from 'marked';

/**
 * @typedef {object} Link
 * @property {string} file The Markdown file that contains it.
 * @property {string} href The target as written.
 */

/**
 * @typedef {object} Page
 * @property {readonly string[]} hrefs
 * @property {ReadonlySet<string>} anchors As GitHub generates them.
 */

const marked = new Marked();

/**
 * Lists the broken relative links, one line each: `README.md: docs/gone.md does not exist`.
 * @param {readonly string[]} files All files that may be linked, as paths with `/` relative to one folder: those of a
 *   repository, or of a tarball. The Markdown files among them are checked.
 * @param {(file: string) => string} read Returns the text of a Markdown file; see {@link readFrom}.
 * @returns {readonly string[]}
 */
export function linkProblems(files, read) {
  const pages = new Map(markdown(files).map((file) => [file, pageOf(read(file))]));
  const known = new Set([...files, ...files.flatMap(parents)]);
  return [...pages].flatMap(([file, { hrefs }]) =>
    hrefs.filter(isRelative).flatMap((href) => {
      const problem = problemOf(href, file, pages, known);
      return problem === undefined ? [] : [`${file}: ${href} ${problem}`];
    }),
  );
}

/**
 * @param {string} href
 * @param {string} from The file that contains it.
 * @param {ReadonlyMap<string, Page>} pages
 * @param {ReadonlySet<string>} known All files and their folders.
 */
function problemOf(href, from, pages, known) {
  const [path = '', anchor] = href.split('#');
  if (path.startsWith('/')) return 'starts with a slash: make it relative to the file';
  const target = path === '' ? from : posix.join(posix.dirname(from), decodeURI(path)).replace(/\/$/, '');
  if (target.startsWith('..')) return 'leads outside of the published files';
  if (!known.has(target)) return 'does not exist';
  const page = pages.get(target);
  return anchor === undefined || !page || page.anchors.has(anchor) ? undefined : 'has no such anchor';
}

/**
 * Lists the absolute links, in the order of the files, without fetching them.
 * @param {readonly string[]} files The Markdown files among them are read.
 * @param {(file: string) => string} read Returns the text of a Markdown file; see {@link readFrom}.
 * @returns {readonly Link[]}
 */
export function externalLinks(files, read) {
  return markdown(files).flatMap((file) =>
    pageOf(read(file))
      .hrefs.filter((href) => !isRelative(href))
      .map((href) => ({ file, href })),
  );
}

/**
 * Returns a function that reads the files of a folder, by their path in it.
 * @param {string} folder
 * @returns {(file: string) => string}
 */
export function readFrom(folder) {
  return (file) => readFileSync(join(folder, file), 'utf8');
}

/** @param {readonly string[]} files */
function markdown(files) {
  return files.filter((file) => file.endsWith('.md'));
}

/** @param {string} href */
function isRelative(href) {
  return !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(href);
}

/**
 * Lists the folders that contain a file: `a/b/c` -> `a/b`, `a`, `.`
 * @param {string} file
 * @returns {readonly string[]}
 */
function parents(file) {
  const folder = posix.dirname(file);
  return folder === '.' ? ['.'] : [folder, ...parents(folder)];
}

/**
 * @param {string} text
 * @returns {Page}
 */
function pageOf(text) {
  const slugger = new GithubSlugger();
  /** @type {string[]} */
  const hrefs = [];
  /** @type {Set<string>} */
  const anchors = new Set();
  void marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === 'heading') anchors.add(slugger.slug(plainText(token.tokens ?? [])));
    if (token.type === 'link' || token.type === 'image') hrefs.push(token.href);
    if (token.type !== 'html') return;
    for (const [, name, value] of token.raw.matchAll(/\b(id|name|href|src)="([^"]*)"/g)) {
      if (name === 'id' || name === 'name') anchors.add(String(value));
      else hrefs.push(String(value));
    }
  });
  return { hrefs, anchors };
}

/**
 * Returns the text of a heading without its markup.
 * @param {readonly import('marked').Token[]} tokens
 * @returns {string}
 */
function plainText(tokens) {
  return tokens
    .map((token) => {
      if (token.type === 'html') return '';
      return 'tokens' in token && token.tokens ? plainText(token.tokens) : 'text' in token ? token.text : '';
    })
    .join('');
}

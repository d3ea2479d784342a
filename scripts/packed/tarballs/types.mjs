// Checks the types of the packages as users' compilers see them: compiles every entry point and a small program in an empty project.
// Nothing else is installed, which ensures that no exported type refers to a type of another library, of Node or of a browser.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, root, run } from '../../workspace.mjs';

/** The compilers, by package name: the oldest supported one, the last one written in JavaScript, and the one in use. */
export const compilers = ['typescript-5.6', 'typescript-5.9', 'typescript'];

const resolutions = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];
const libs = [['es2022'], ['es2022', 'dom']];

/** One project per combination of settings, all in one folder. */
const projects = resolutions.flatMap((resolution) =>
  libs.map((lib) => ({
    file: `tsconfig.${[resolution.moduleResolution, ...lib].join('-')}.json`,
    compilerOptions: {
      ...resolution,
      lib,
      target: 'es2022',
      types: [],
      noEmit: true,
      skipLibCheck: false,
      skipDefaultLibCheck: true, // checking the compiler's own files would take most of the time
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
    },
  })),
);

/**
 * Writes the projects into an empty folder and unpacks the packages into its node_modules.
 * @param {ReadonlyMap<string, string>} tarballs The tarballs by package name.
 * @param {string} folder
 */
export async function makeProjects(tarballs, folder) {
  const entries = [];
  for (const [name, tarball] of tarballs) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    const unpacked = await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    if (unpacked.code !== 0) return unpacked;
    const { exports } = readManifest(join(target, 'package.json'));
    const typed = Object.keys(exports).filter((path) => exports[path].types !== undefined);
    entries.push(...typed.map((path) => name + path.slice(1)));
  }
  const lines = entries.map((entry, i) => `export * as entry${i} from '${entry}';\n`);
  writeFileSync(join(folder, 'entries.ts'), lines.join(''));
  copyFileSync(join(root, 'scripts', 'packed', 'tarballs', 'consumer.ts'), join(folder, 'consumer.ts'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  for (const { file, compilerOptions } of projects) {
    const files = ['entries.ts', 'consumer.ts'];
    writeFileSync(join(folder, file), JSON.stringify({ compilerOptions, files }));
  }
  return { code: 0, output: '' };
}

/**
 * Compiles every project of {@link makeProjects}.
 * @param {string} compiler
 * @param {string} folder
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function compileProjects(compiler, folder) {
  const tsc = join(root, 'node_modules', compiler, 'bin', 'tsc');
  const compiled = await Promise.all(
    projects.map(async ({ file }) => {
      const { code, output } = await run('node', [tsc, '--project', join(folder, file)]);
      return { code, output: code === 0 ? '' : `${file}:\n${output}` };
    }),
  );
  return {
    code: compiled.some(({ code }) => code !== 0) ? 1 : 0,
    output: compiled.map(({ output }) => output).join(''),
  };
}

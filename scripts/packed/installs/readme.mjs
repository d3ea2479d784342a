// Runs the README's first page word for word: its install commands and its files, in a new folder that `npm init` has set up.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, root, step } from '../../workspace.mjs';

/**
 * @param {import('./user.mjs').User} user
 * @param {string} folder The folder to create.
 * @returns {Promise<boolean>} Whether it passed.
 */
export function testReadme(user, folder) {
  return step('README: install, train', async () => {
    const { commands, files } = firstPage(readFileSync(join(root, 'README.md'), 'utf8'));
    mkdirSync(folder);
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    for (const command of ['npm init -y', ...commands, 'npx --yes tsx train.ts']) {
      const [program = '', ...args] = command.split(' ');
      const ran = await user.run(folder, [program, ...args]);
      if (ran.code !== 0) return ran;
      if (command.includes('train.ts') && !/^test accuracy 0\.[89]/m.test(ran.stdout))
        return failIf(`expected a test accuracy of at least 0.8, got\n${ran.output}`);
    }
    const missing = ['weights.safetensors', 'garments.onnx'].filter(
      (file) => !existsSync(join(folder, file)),
    );
    return failIf(missing.map((file) => `expected train.ts to write ${file}`).join('\n'));
  });
}

/**
 * @param {string} page
 * @returns {{ commands: string[], files: Map<string, string> }} The first block of commands, and the blocks that follow a file name.
 */
function firstPage(page) {
  const [, commands = ''] = /\n```\n(.*?)```/s.exec(page) ?? [];
  // Prose and blocks of TypeScript alternate.
  const parts = page.split(/^```(?:ts)?\n/m);
  const files = parts.flatMap((prose, i) => {
    const [, name] = /\(`(\w+\.ts)`\)/.exec(prose) ?? [];
    return name === undefined ? [] : [/** @type {const} */ ([name, parts[i + 1] ?? ''])];
  });
  return { commands: commands.trim().split('\n'), files: new Map(files) };
}

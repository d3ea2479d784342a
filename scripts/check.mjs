// Runs every `check:*` script of package.json, one after the other, and continues if one fails.
import { join } from 'node:path';
import { readManifest, root, run, step } from './workspace.mjs';

const checks = Object.keys(readManifest(join(root, 'package.json')).scripts).filter((name) =>
  name.startsWith('check:'),
);
for (const name of checks) {
  const passed = await step(name, () => run('npm', ['run', '--silent', name]));
  if (!passed) process.exitCode = 1;
}

#!/usr/bin/env node
// Starts the installer of native TensorFlow. It is plain JavaScript, so that npm can link the bin before the first build.
import { existsSync } from 'node:fs';

const main = new URL('../dist/install/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('isonet is not built yet; run `npm run setup` in the root of the repository.');
  process.exitCode = 1;
}

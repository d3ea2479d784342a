#!/usr/bin/env node
// Starts the installer of ONNX Runtime's CUDA provider. It is plain JavaScript, so that npm can link the bin before the first build.
import { existsSync } from 'node:fs';

const program = new URL('../dist/install/main.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('isonet is not built yet; run `npm run setup` in the root of the repository.');
  process.exitCode = 1;
}

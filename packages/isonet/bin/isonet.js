#!/usr/bin/env node
// Checks the version of Node, then starts the command line. Old versions must be able to parse this file to report the problem, so it
// has no static import and loads start.js only after the check.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 20 || (major === 20 && minor >= 19)) {
  void import('./start.js').then(({ start }) => start());
} else {
  console.error(
    `isonet needs Node 20.19 or newer, got ${process.versions.node}; see https://nodejs.org/en/download`,
  );
  process.exitCode = 1;
}

#!/usr/bin/env node
// Checks Node, then starts the command line. Every Node must be able to read this file to say that it is too old: it has no
// import, which old ones do not parse, and loads start.js only afterwards.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 20 || (major === 20 && minor >= 19)) {
  void import('./start.js').then(({ start }) => start());
} else {
  console.error(`isonet needs Node 20.19 or newer, this is ${process.versions.node}`);
  process.exitCode = 1;
}

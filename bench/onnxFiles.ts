// Measures the cost of reading the worst ONNX files, which are filled with the content that takes the most memory once it is decoded.
// Prints peak memory, including the file's bytes, and seconds; each file is read in a separate process.
//   npm run bench:onnxFiles -- --megabytes 8
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '@isonet/core';
import { readGraph } from '@isonet/onnx';
import { concat } from './fuzz/bytes.ts';
import { floats, graph, ints, model, node, tensor, value } from './fuzz/onnx/model.ts';
import type { Field } from './fuzz/onnx/wire.ts';
import { wireOf } from './fuzz/onnx/wire.ts';

/** Returns the maximum memory, in MB, for reading a file of this size: 32 times the file and the maximum number of messages. */
function allowed(file: number): number {
  return 32 * file + 250;
}

interface Cost {
  readonly file: number;
  readonly peak: number;
  readonly seconds: number;
  readonly result: string;
}

/** Builds a valid file of one node, with additional fields in its graph. */
function withFields(...more: readonly Field[]): Uint8Array {
  return wireOf(model([...graph([node('Relu', ['x'])], [2]), ...more]));
}

/** Repeats the same bytes up to a length. */
function repeated(length: number, ...bytes: readonly number[]): Uint8Array {
  return new Uint8Array(length - (length % bytes.length)).map((_, i) => bytes[i % bytes.length]!);
}

/** Builds an initializer of values that take a byte each, in one of the packed lists. */
function packed(list: number, elementType: number, length: number): Field {
  return {
    no: 5,
    value: [
      { no: 1, value: BigInt(length) },
      { no: 2, value: BigInt(elementType) },
      { no: 8, value: Uint8Array.of(0x77) },
      { no: list, value: new Uint8Array(length).fill(1) },
    ],
  };
}

/** Builds a graph that repeats one empty field. */
function empties(length: number, field: number): Uint8Array {
  const versions = model([]).filter(({ no }) => no !== 7);
  const output: Field = { no: 12, value: value('y', []) };
  return wireOf([
    ...versions,
    { no: 7, value: [output] },
    { no: 7, value: repeated(length, field * 8 + 2, 0) },
  ]);
}

/** Functions by name, each of which builds a file of about the given length in bytes. */
const files: Readonly<Record<string, (length: number) => Uint8Array>> = {
  'one tensor of floats': (length) => withFields({ no: 5, value: tensor('w', floats(length / 4)) }),
  'two million int64 of a byte each': (length) => withFields(packed(7, 7, Math.min(length, 2 ** 21 - 99))),
  'int64 of a byte each': (length) => withFields(packed(7, 7, length)),
  'int32 of a byte each': (length) => withFields(packed(5, 6, length)),
  'uint64 of a byte each': (length) => withFields(packed(11, 13, length)),
  'integers of an attribute': (length) =>
    withFields({ no: 1, value: [{ no: 5, value: repeated(length, 0x40, 1) }] }),
  'empty inputs of a node': (length) => withFields({ no: 1, value: repeated(length, 0x0a, 0) }),
  'the maximum number of nodes': () => empties(2 ** 19 - 64, 1),
  'the maximum number of initializers': () => empties(2 ** 19 - 64, 5),
  'the maximum number of inputs': () => empties(2 ** 19 - 64, 11),
  'too many nodes': (length) => empties(length, 1),
  'a chain of nodes': (length) =>
    wireOf(
      model(
        graph(
          Array.from({ length: Math.min(length / 64, 10_000) }, () => node('Relu', ['$'])),
          [2],
        ),
      ),
    ),
  'constants that double': () =>
    wireOf(
      model(
        graph([
          node('Constant', [], { value: { type: 4, tree: tensor('', floats(4)) } }),
          ...Array.from({ length: 40 }, () => node('Concat', ['$', '$'], { axis: 0 })),
        ]),
      ),
    ),
  'the maximum number of computed values': () =>
    wireOf(model(graph([node('ConstantOfShape', [ints(2 ** 22)])]))),
  'unknown fields': (length) => concat(withFields(), repeated(length, 0xfa, 0x3f, 0)),
};

/** Reads the peak from /proc where possible: on Linux, `maxRSS` includes the memory of the parent. */
function peakMegabytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}

function read(bytes: Uint8Array): string {
  try {
    readGraph(bytes, { dims: { N: 1 } });
    return 'read';
  } catch (error) {
    return messageOf(error);
  }
}

function measure(path: string): Cost {
  // Compiles the reader.
  read(withFields());
  const before = peakMegabytes();
  const bytes = readFileSync(path);
  const started = performance.now();
  const result = read(bytes);
  const seconds = (performance.now() - started) / 1000;
  return { file: bytes.length / 2 ** 20, peak: peakMegabytes() - before, seconds, result };
}

const { values: options, positionals } = parseArgs({
  options: { megabytes: { type: 'string', default: '8' } },
  allowPositionals: true,
});
const [path] = positionals;
if (path !== undefined) {
  process.stdout.write(JSON.stringify(measure(path)));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-onnx-'));
  try {
    for (const [name, make] of Object.entries(files)) {
      const written = join(folder, 'file.onnx');
      writeFileSync(written, make(Number(options.megabytes) * 2 ** 20));
      const self = [...process.execArgv, fileURLToPath(import.meta.url), written];
      const cost = JSON.parse(execFileSync(process.execPath, self).toString()) as Cost;
      const most = allowed(cost.file);
      if (cost.peak > most) process.exitCode = 1;
      const numbers = `${cost.file.toFixed(1)} MB, peak ${cost.peak.toFixed(0)} of ${most.toFixed(0)} MB, ${cost.seconds.toFixed(2)} s`;
      process.stdout.write(`${name}: ${numbers}; ${cost.result.slice(0, 100)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// What the worst ONNX files cost to read: files that hold, to the end, what takes the most memory once it is decoded. Peak memory and
// seconds, each in a process of its own; the file's bytes are counted too.
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

/** Peak memory, in MB, that reading a file of this size may take: 32 times the file, plus the largest permitted number of messages. */
function allowed(file: number): number {
  return 32 * file + 250;
}

interface Cost {
  readonly file: number;
  readonly peak: number;
  readonly seconds: number;
  readonly result: string;
}

/** A valid file of one node, with more in its graph. */
function withFields(...more: readonly Field[]): Uint8Array {
  return wireOf(model([...graph([node('Relu', ['x'])], [2]), ...more]));
}

/** The same bytes over and over. */
function repeated(length: number, ...bytes: readonly number[]): Uint8Array {
  return new Uint8Array(length - (length % bytes.length)).map((_, i) => bytes[i % bytes.length]!);
}

/** An initializer of numbers that are a byte each, in one of the lists. */
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

/** A graph of one field, over and over: its number, and that it is empty. */
function empties(length: number, field: number): Uint8Array {
  const versions = model([]).filter(({ no }) => no !== 7);
  const output: Field = { no: 12, value: value('y', []) };
  return wireOf([
    ...versions,
    { no: 7, value: [output] },
    { no: 7, value: repeated(length, field * 8 + 2, 0) },
  ]);
}

/** Makes a file of about the given number of bytes, by name. */
const files: Readonly<Record<string, (length: number) => Uint8Array>> = {
  'one tensor of floats': (length) => withFields({ no: 5, value: tensor('w', floats(length / 4)) }),
  'int64 of a byte each, two million': (length) => withFields(packed(7, 7, Math.min(length, 2 ** 21 - 99))),
  'int64 of a byte each': (length) => withFields(packed(7, 7, length)),
  'int32 of a byte each': (length) => withFields(packed(5, 6, length)),
  'uint64 of a byte each': (length) => withFields(packed(11, 13, length)),
  'integers of an attribute': (length) =>
    withFields({ no: 1, value: [{ no: 5, value: repeated(length, 0x40, 1) }] }),
  'empty inputs of a node': (length) => withFields({ no: 1, value: repeated(length, 0x0a, 0) }),
  'as many nodes as are read': () => empties(2 ** 19 - 64, 1),
  'as many initializers as are read': () => empties(2 ** 19 - 64, 5),
  'as many inputs as are read': () => empties(2 ** 19 - 64, 11),
  'nodes to the end': (length) => empties(length, 1),
  'nodes in a row': (length) =>
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
  'as many values as are computed': () => wireOf(model(graph([node('ConstantOfShape', [ints(2 ** 22)])]))),
  'unknown fields': (length) => concat(withFields(), repeated(length, 0xfa, 0x3f, 0)),
};

/** Linux counts in `maxRSS` what the parent had. */
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
  // Compiles it.
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

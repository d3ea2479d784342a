// Tests the output of a benchmark: on terminals of any width, as Markdown, and in comparison with an older report.
import { describe, expect, it } from 'vitest';
import { compareReports } from '@isonet/bench';
import { sampleReport } from '../../bench/test/sampleReport.ts';
import { benchLines, compareLines } from '../src/show/bench.ts';
import { benchMarkdown } from '../src/show/benchMarkdown.ts';
import { colors } from '../src/show/text.ts';
import { widthOf } from '../src/show/width.ts';

const small = sampleReport({ models: ['nin'], batches: [64] });
const plain = (columns: number): Parameters<typeof benchLines>[1] => ({ colors: colors(false), columns });

describe('benchLines', () => {
  it('shows a table per measurement, the load, and missing candidates', () => {
    expect(benchLines(small, plain(200)).join('\n')).toMatchInlineSnapshot(`
      "nin, recipe best, 28x28, batch 64: training step
      candidate  median ms   95 % interval  images/s  GFLOP/s  of a matrix product  first result  peak memory  time against onnx:cpu  what it is
      onnx:cpu       109.0  [106.9, 109.4]       587     42.3    59 % of 1024x1024        515 ms       255 MB                     1x  ONNX Runtime 1.30.0, 2 threads, blocked
      tfjs:wasm      817.9  [813.6, 836.8]      78.2     5.63                    -        2.05 s       421 MB     7.59x [7.45, 7.74]  TensorFlow.js 4.22.0, wasm with SIMD, 1 thread
      torch          97.37  [95.86, 97.91]       657     47.3    66 % of 1024x1024        863 ms       464 MB     0.90x [0.88, 0.90]  PyTorch 2.15.0, channels_last, 2 threads
      other processes took 1.2 % of the cores

      not measured: mxnet: found no Python 3.8 to 3.10; install one, then pip install mxnet==1.9.1"
    `);
  });

  it('splits tables on a narrow terminal', () => {
    const lines = benchLines(small, plain(80));
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "nin, recipe best, 28x28, batch 64: training step
      candidate  median ms   95 % interval  images/s  GFLOP/s  of a matrix product
      onnx:cpu       109.0  [106.9, 109.4]       587     42.3    59 % of 1024x1024
      tfjs:wasm      817.9  [813.6, 836.8]      78.2     5.63                    -
      torch          97.37  [95.86, 97.91]       657     47.3    66 % of 1024x1024
      candidate  first result  peak memory  time against onnx:cpu
      onnx:cpu         515 ms       255 MB                     1x
      tfjs:wasm        2.05 s       421 MB     7.59x [7.45, 7.74]
      torch            863 ms       464 MB     0.90x [0.88, 0.90]
      onnx:cpu: ONNX Runtime 1.30.0, 2 threads, blocked
      tfjs:wasm: TensorFlow.js 4.22.0, wasm with SIMD, 1 thread
      torch: PyTorch 2.15.0, channels_last, 2 threads
      other processes took 1.2 % of the cores

      not measured: mxnet: found no Python 3.8 to 3.10; install one, then pip install mxnet==1.9.1"
    `);
    expect(Math.max(...lines.slice(0, 9).map(widthOf))).toBeLessThanOrEqual(80);
    // If nothing fits, each table has one column.
    expect(benchLines(small, plain(10)).filter((line) => line.startsWith('candidate'))).toHaveLength(8);
  });

  it('explains why there are no ratios, or why they are unreliable', () => {
    const busy = sampleReport({ models: ['nin'], batches: [64], othersShare: 0.123 });
    const text = benchLines(busy, plain(200)).join('\n');
    expect(text).not.toContain('time against');
    expect(text).toContain(
      '\nother processes took 12.3 % of the cores, too much for ratios (more than 5.0 %): stop them, or pass --force to print ratios anyway\n',
    );
    const forced = {
      ...small,
      measurements: small.measurements.map((one) => ({ ...one, othersShare: 0.123 })),
    };
    expect(benchLines(forced, plain(200)).join('\n')).toContain(
      '\nother processes took 12.3 % of the cores, more than 5.0 %: the ratios are unreliable\n',
    );
    const unknown = sampleReport({ models: ['nin'], batches: [64], othersShare: null });
    expect(benchLines(unknown, plain(200))).toContain(
      'this system does not report what other processes took of the cores, so there are no ratios: pass --force if nothing else is running',
    );
    const short = benchLines(sampleReport({ models: ['nin'], batches: [64], rounds: 5 }), plain(200)).join(
      '\n',
    );
    expect(short).toContain(
      '\nother processes took 1.2 % of the cores; ratios need at least 15 rounds, but there were 5\n',
    );
    const busyShort = sampleReport({ models: ['nin'], batches: [64], rounds: 5, othersShare: 0.5 });
    expect(benchLines(busyShort, plain(200))).toContain(
      'other processes took 50.0 % of the cores; ratios need at least 15 rounds, but there were 5',
    );
    expect(short).toContain('  median ms           range  images/s');
    expect(benchMarkdown(sampleReport({ rounds: 5 }))).toContain('took turns, each with its range\n');
    const interrupted = benchMarkdown({ ...sampleReport({ rounds: 5 }), rounds: 15 });
    expect(interrupted).toContain('medians of 5 to 15 rounds in which');
    expect(interrupted).toContain('took turns, each with its range\n');
  });

  it('shows unknown values as -, the memory of devices, and logits that differ', () => {
    const measurements = small.measurements.map((one) => ({
      ...one,
      candidates: one.candidates.map((candidate) => ({
        ...candidate,
        peakBytes: null,
        ...(candidate.name === 'torch' && { deviceBytes: 1.2e9, check: { difference: 0.02, bound: 1e-4 } }),
      })),
    }));
    const text = benchLines({ ...small, measurements }, plain(200)).join('\n');
    expect(text).toMatch(/^onnx:cpu .* ms {2,}- {2,}1x/m);
    expect(text).toContain('- + 1.20 GB on the device');
    expect(text).toContain(
      'torch: its logits differ from those of the first candidate by 0.0200, more than 0.000100: it computes something else, so its time is not comparable',
    );
  });

  it('shows how the cost scales, with colours on a terminal that supports them', () => {
    const scaled = sampleReport({ models: ['nin'], batches: [1, 8, 64] });
    const lines = benchLines(scaled, { colors: colors(true), columns: 200 });
    expect(lines[0]).toBe('\u001b[1mnin, recipe best, 28x28, batch 1: training step\u001b[22m');
    const at = lines.indexOf('\u001b[1mnin, recipe best, 28x28: training step, per image\u001b[22m');
    expect(lines.slice(at + 1, at + 6).join('\n')).toMatchInlineSnapshot(`
      "[2mbatch         onnx:cpu        tfjs:wasm            torch[22m
          1  4.16 ms, 142 MB  29.2 ms, 213 MB  10.2 ms, 332 MB
          8  1.96 ms, 154 MB  14.8 ms, 236 MB  2.48 ms, 347 MB
         64  1.70 ms, 255 MB  12.8 ms, 421 MB  1.52 ms, 464 MB
      onnx:cpu: 4.16 ms per image at batch 1, 1.96 at 8, and less than 10 % lower with each doubling from there; 24 % of a matrix product at batch 1, 51 % at 8: small batches leave the cores waiting for overhead; memory grows by 1.80 MB per image"
    `);
  });

  it('escapes control characters in external text', () => {
    const evil = 'a\u001b[31m\nb';
    const report = {
      ...small,
      measurements: small.measurements.map((one) => ({
        ...one,
        model: evil,
        candidates: one.candidates.map((candidate, i) => ({ ...candidate, name: `${evil}${i}`, text: evil })),
      })),
      missing: [{ name: evil, reason: evil, fix: evil }],
    };
    for (const columns of [300, 80]) {
      const lines = benchLines(report, plain(columns));
      expect(lines.join('')).not.toMatch(/\p{Cc}/u);
      expect(lines).toContain(String.raw`not measured: a\x1b[31m\nb: a\x1b[31m\nb; a\x1b[31m\nb`);
    }
    expect(benchMarkdown(report)).not.toMatch(/[^\P{Cc}\n]/u);
    const compared = compareReports(report, { ...report, machine: { ...report.machine, processor: evil } });
    expect(compareLines(compared, plain(80)).join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('benchMarkdown', () => {
  it('returns a page with the machine, the load and the command', () => {
    expect(benchMarkdown(sampleReport({ models: ['nin'], batches: [1, 64] }))).toMatchInlineSnapshot(`
      "# Benchmark

      - machine: Sample Processor at 2.60 GHz, 2 cores, 8.20 GB of memory, linux x64
      - versions: isonet 0.3.0, Node 24.11.0
      - date: 2026-11-28 14:05 UTC
      - times: medians of 15 rounds in which the candidates took turns, each with its 95 % interval

      \`\`\`
      npx isonet bench nin googlenet --backend onnx,tfjs --rivals torch
      \`\`\`

      ## nin, recipe best, 28x28, batch 1: training step

      | candidate | median ms |  95 % interval | images/s | GFLOP/s | of a matrix product | first result | peak memory | time against onnx:cpu | what it is                                     |
      | --------- | --------: | -------------: | -------: | ------: | ------------------: | -----------: | ----------: | --------------------: | ---------------------------------------------- |
      | onnx:cpu  |     4.163 | [4.116, 4.187] |      240 |    17.3 |   24 % of 1024x1024 |       414 ms |      142 MB |                    1x | ONNX Runtime 1.30.0, 2 threads, blocked        |
      | tfjs:wasm |     29.23 | [28.84, 29.64] |     34.2 |    2.46 |                   - |       1.65 s |      213 MB |    7.04x [6.95, 7.16] | TensorFlow.js 4.22.0, wasm with SIMD, 1 thread |
      | torch     |     10.20 | [10.09, 10.31] |     98.0 |    7.06 |   10 % of 1024x1024 |       693 ms |      332 MB |    2.46x [2.42, 2.49] | PyTorch 2.15.0, channels_last, 2 threads       |

      - other processes took 1.2 % of the cores

      ## nin, recipe best, 28x28, batch 64: training step

      | candidate | median ms |  95 % interval | images/s | GFLOP/s | of a matrix product | first result | peak memory | time against onnx:cpu | what it is                                     |
      | --------- | --------: | -------------: | -------: | ------: | ------------------: | -----------: | ----------: | --------------------: | ---------------------------------------------- |
      | onnx:cpu  |     109.0 | [106.9, 109.4] |      587 |    42.3 |   59 % of 1024x1024 |       515 ms |      255 MB |                    1x | ONNX Runtime 1.30.0, 2 threads, blocked        |
      | tfjs:wasm |     817.9 | [813.6, 836.8] |     78.2 |    5.63 |                   - |       2.05 s |      421 MB |    7.59x [7.45, 7.74] | TensorFlow.js 4.22.0, wasm with SIMD, 1 thread |
      | torch     |     97.37 | [95.86, 97.91] |      657 |    47.3 |   66 % of 1024x1024 |       863 ms |      464 MB |    0.90x [0.88, 0.90] | PyTorch 2.15.0, channels_last, 2 threads       |

      - other processes took 1.2 % of the cores

      ## nin, recipe best, 28x28: training step, per image

      | batch |        onnx:cpu |       tfjs:wasm |           torch |
      | ----: | --------------: | --------------: | --------------: |
      |     1 | 4.16 ms, 142 MB | 29.2 ms, 213 MB | 10.2 ms, 332 MB |
      |    64 | 1.70 ms, 255 MB | 12.8 ms, 421 MB | 1.52 ms, 464 MB |

      - onnx:cpu: 4.16 ms per image at batch 1, 1.70 at 64, where a doubling still lowers it by 10 % or more; 24 % of a matrix product at batch 1, 59 % at 64: small batches leave the cores waiting for overhead; memory grows by 1.80 MB per image
      - tfjs:wasm: 29.2 ms per image at batch 1, 12.8 at 64, where a doubling still lowers it by 10 % or more; memory grows by 3.30 MB per image
      - torch: 10.2 ms per image at batch 1, 1.52 at 64, where a doubling still lowers it by 10 % or more; 10 % of a matrix product at batch 1, 66 % at 64: small batches leave the cores waiting for overhead; memory grows by 2.10 MB per image

      ## Not measured

      - mxnet: found no Python 3.8 to 3.10; install one, then pip install mxnet==1.9.1
      "
    `);
  });

  it('escapes Markdown syntax', () => {
    const text = '<b>a|b</b> `c` *d* _e_ channels_last & f';
    const page = benchMarkdown({ ...small, command: text, missing: [{ name: text, reason: 'r', fix: 'f' }] });
    expect(page).toContain(String.raw`- \<b\>a\|b\</b\> \`c\` \*d\* \_e\_ channels_last &amp; f: r; f`);
    expect(page).toContain(`\n\`\`\`\n${text}\n\`\`\`\n`);
    expect(benchMarkdown({ ...small, command: '```' })).toContain('\n````\n```\n````\n');
  });
});

describe('compareLines', () => {
  const base = { models: ['nin'], batches: [64] } as const;

  it('shows the changes, and measurements that cannot be compared', () => {
    const before = sampleReport({ models: ['nin'], batches: [1, 64] });
    const after = sampleReport({ ...base, slowed: { 'onnx:cpu': 1.2, torch: 0.8 }, othersShare: 0.2 });
    expect(compareLines(compareReports(before, after), plain(100)).join('\n')).toMatchInlineSnapshot(`
      "warning: the machine was busy now: other processes took up to 20.0 % of the cores in 1 measurement

      nin, recipe best, 28x28, batch 64: training step
      candidate            before, ms               now, ms  change
      onnx:cpu   109.0 [106.9, 109.4]  130.8 [128.3, 131.3]  slower: takes 1.20 times as long
      tfjs:wasm  817.9 [813.6, 836.8]  817.9 [813.6, 836.8]  no difference beyond the intervals
      torch      97.37 [95.86, 97.91]  77.90 [76.69, 78.33]  faster: takes 0.80 times as long

      only before: nin, recipe best, 28x28, batch 1: training step

      3 comparisons: 1 slower, 1 faster, 1 without a difference beyond the intervals"
    `);
  });

  it('colours slower candidates red', () => {
    const after = sampleReport({ ...base, slowed: { 'onnx:cpu': 1.2 } });
    const look = { colors: colors(true), columns: 100 };
    expect(compareLines(compareReports(small, after), look).join('\n')).toContain(
      '\u001b[31mslower: takes 1.20 times as long\u001b[39m',
    );
  });

  it('reports that the reports have nothing in common', () => {
    const other = sampleReport({ models: ['googlenet'], batches: [64] });
    expect(compareLines(compareReports(small, other), plain(100)).at(-1)).toBe(
      'nothing to compare: the reports have no measurement and candidate in common',
    );
  });
});

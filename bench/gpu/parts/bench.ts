// Runs `isonet bench` on NiN: both devices and PyTorch on the card, interleaved, so that the ratios come from the same minute. Training
// steps come first; each report is written as soon as it is complete.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchReport } from '@isonet/bench';
import { isonet } from '../kit/isonet.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import { shown } from '../kit/timing.ts';

const CARD = ['--backend=onnx:cuda,webgpu:gpu', '--rivals=torch:cuda', '--batch=256'];
const REHEARSAL = ['--backend=onnx:cpu,reference', '--batch=1', '--rounds=2'];

await runPart(async ({ small, late, log, save }) => {
  const { PYTHON: python } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'isonet-bench-'));
  const reports: Record<string, BenchReport> = {};
  const problems: string[] = [];
  const lines: string[] = [];
  for (const work of ['step', 'forward'] as const) {
    if (late()) {
      problems.push(`no time for ${work}`);
      continue;
    }
    const file = join(folder, `${work}.json`);
    const { code, stderr } = await isonet(
      // Other users may cause load on the machine; the report states how much.
      [
        'bench',
        'nin',
        '--recipe=book',
        `--work=${work}`,
        '--force',
        '--json',
        `--out=${file}`,
        ...(small ? REHEARSAL : CARD),
      ],
      () => undefined,
      python === undefined ? {} : { ISONET_TORCH_PYTHON: python },
    );
    const report = readReport(file);
    if (report === undefined) throw new Error(`isonet bench exits with ${code}: ${stderr.trim()}`);
    reports[work] = report;
    save(reports);
    for (const { name, reason } of report.missing) problems.push(`${work}: ${name}: ${reason}`);
    for (const { candidates, othersShare } of report.measurements) {
      const times = candidates.map(({ name, median, ratio }) => {
        const relative = ratio === undefined ? '' : ` (${ratio.median.toFixed(2)} times the first)`;
        return `${name} ${shown(median)} ms${relative}`;
      });
      lines.push(`${work}: ${times.join(', ')}`);
      log(
        `${work}: ${times.join(', ')}; load from others ${othersShare === null ? 'unknown' : `${(100 * othersShare).toFixed(0)} %`}`,
      );
    }
  }
  rmSync(folder, { recursive: true });
  const line = [...lines, ...problems].join('; ');
  if (problems.length > 0) throw new WrongResult(line);
  return line;
});

function readReport(file: string): BenchReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BenchReport;
  } catch {
    return undefined;
  }
}

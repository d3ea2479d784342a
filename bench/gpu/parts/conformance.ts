// Runs the conformance suite on one device. The outcomes so far are written every few seconds.
import type { Outcome } from '@isonet/conformance';
import { runConformance } from '@isonet/conformance';
import type { OpenOptions } from '@isonet/core';
import { backendOf, namesOf } from '../kit/device.ts';
import { runPart, WrongResult } from '../kit/part.ts';

const EVERY_MS = 3000;
const SLOW_SECONDS = 5;

await runPart(async ({ device: spec, tf32, small, late, log, save }) => {
  const backend = await backendOf(spec);
  const own = { device: namesOf(spec).device, ...(tf32 ? { tf32 } : {}) };
  const outcomes: Outcome[] = [];
  let saved = 0;
  const report = await runConformance(
    {
      name: `${backend.name} (${own.device})`,
      open: (options: OpenOptions = {}) => backend.open({ ...own, ...options }),
      probe: () => backend.probe(),
      ...(small ? { skipHeavy: 'a rehearsal' } : {}),
    },
    {
      ...(small ? { filter: /^(?:add|conv2d|matMul|contract)\// } : {}),
      signal: {
        get aborted() {
          return late();
        },
      },
      onCheck: (outcome, { all, next }) => {
        outcomes.push(outcome);
        if (outcome.status === 'failed')
          log(`FAILED ${outcome.key}: ${outcome.failures.join('; ').slice(0, 300)}`);
        if (outcome.seconds > SLOW_SECONDS) log(`slow: ${outcome.key} ${outcome.seconds.toFixed(1)} s`);
        if (Date.now() - saved < EVERY_MS) return;
        save({ checks: all, next: next ?? null, outcomes });
        saved = Date.now();
      },
    },
  );
  const slowest = outcomes
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 20)
    .map(({ key, seconds }) => ({ key, seconds }));
  save({ report, slowest });
  const { conformance, nativeCoverage, wrong, reopened, interrupted } = report;
  const line =
    `conformance ${conformance.count} of ${conformance.of}, native coverage ${nativeCoverage.count} of ${nativeCoverage.of}, ` +
    `${wrong.length} wrong, device reopened ${reopened.length} times${interrupted ? ', STOPPED: out of time' : ''}`;
  if (wrong.length > 0 || interrupted) throw new WrongResult(line);
  return line;
});

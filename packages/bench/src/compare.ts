// Compares two reports of the same work: a difference counts only where the 95 % intervals do not overlap.
import type { BenchReport, CandidateResult, Machine, Measurement } from './report.ts';
import { busiestText, isBusy, LEAST_FOR_INTERVAL, measurementTitle } from './texts.ts';

/** What became of a candidate's time. `same`: the intervals overlap, or are of too few rounds, so nothing can be said. */
export type Change = 'slower' | 'faster' | 'same';

/** A candidate that both reports measured. */
export interface ComparedCandidate {
  readonly name: string;
  readonly before: Pick<CandidateResult, 'median' | 'interval'>;
  readonly after: Pick<CandidateResult, 'median' | 'interval'>;
  readonly change: Change;
  /** The median after / the median before. Above 1: it takes longer now. */
  readonly factor: number;
}

/** A measurement that both reports have, with the candidates that both have. */
export interface ComparedMeasurement {
  /** `nin, recipe best, 28x28, batch 64: training step` */
  readonly title: string;
  readonly candidates: readonly ComparedCandidate[];
}

/** What {@link compareReports} found. */
export interface Comparison {
  readonly measurements: readonly ComparedMeasurement[];
  /** Whether any candidate became slower. */
  readonly hasSlower: boolean;
  /** Measurements, or candidates in one: `torch in nin, recipe best, 28x28, batch 64: training step` */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** What the two reports do not have in common, and what disturbed them: reasons to doubt a difference. */
  readonly warnings: readonly string[];
}

/**
 * Compares the candidates that two reports have in common, by model, recipe, image shape, batch, work and name. Other
 * machines, software, settings, rounds or load make no error: they are among the warnings. Networks of the same name that
 * differ in their multiply-adds are not compared.
 */
export function compareReports(before: BenchReport, after: BenchReport): Comparison {
  const earlier = new Map(before.measurements.map((one) => [measurementTitle(one), one]));
  const measurements = after.measurements.flatMap((later) => {
    const title = measurementTitle(later);
    const match = earlier.get(title);
    const candidates =
      match === undefined || isOtherNetwork(match, later) ? [] : comparedCandidates(match, later);
    return candidates.length === 0 ? [] : [{ title, candidates }];
  });
  return {
    measurements,
    hasSlower: measurements.some(({ candidates }) => candidates.some(({ change }) => change === 'slower')),
    onlyBefore: only(before, after),
    onlyAfter: only(after, before),
    warnings: [
      ...machineWarnings(before.machine, after.machine),
      ...(before.rounds === after.rounds
        ? []
        : [`different numbers of rounds: ${before.rounds} before, ${after.rounds} now`]),
      ...networkWarnings(earlier, after),
      ...softwareWarnings(earlier, after),
      ...fewRoundsWarnings('before', before),
      ...fewRoundsWarnings('now', after),
      ...busyWarnings('before', before),
      ...busyWarnings('now', after),
    ],
  };
}

function comparedCandidates(before: Measurement, after: Measurement): readonly ComparedCandidate[] {
  return after.candidates.flatMap((now) => {
    const then = before.candidates.find(({ name }) => name === now.name);
    if (then === undefined) return [];
    return [
      {
        name: now.name,
        before: { median: then.median, interval: then.interval },
        after: { median: now.median, interval: now.interval },
        change: changeOf(then, now),
        factor: now.median / then.median,
      },
    ];
  });
}

/** Of the same name and another architecture: a user's own network that was edited in between. */
function isOtherNetwork(before: Measurement, after: Measurement): boolean {
  return before.multiplyAdds !== after.multiplyAdds;
}

function networkWarnings(earlier: ReadonlyMap<string, Measurement>, after: BenchReport): readonly string[] {
  return after.measurements.flatMap((later) => {
    const title = measurementTitle(later);
    const match = earlier.get(title);
    if (match === undefined || !isOtherNetwork(match, later)) return [];
    const [then, now] = [match, later].map(({ multiplyAdds }) => multiplyAdds.toLocaleString('en-US'));
    return [`${title}: another network, which is not compared: ${then} multiply-adds before, ${now} now`];
  });
}

/** Candidates that say something else of themselves, or are checked by another bound, as with TF32; each of them once. */
function softwareWarnings(earlier: ReadonlyMap<string, Measurement>, after: BenchReport): readonly string[] {
  const warnings = after.measurements.flatMap((later) => {
    const match = earlier.get(measurementTitle(later));
    return later.candidates.flatMap((now) => {
      const then = match?.candidates.find(({ name }) => name === now.name);
      if (then === undefined) return [];
      const bounds = `${now.name}: checked within ${then.check.bound} before, ${now.check.bound} now: --tf32 differs`;
      return [
        ...(then.text === now.text ? [] : [`${now.name}: ${then.text} before, ${now.text} now`]),
        ...(then.check.bound === now.check.bound ? [] : [bounds]),
      ];
    });
  });
  return [...new Set(warnings)];
}

function changeOf(before: CandidateResult, after: CandidateResult): Change {
  if (hasFewRounds(before) || hasFewRounds(after)) return 'same';
  if (after.interval[0] > before.interval[1]) return 'slower';
  return after.interval[1] < before.interval[0] ? 'faster' : 'same';
}

function hasFewRounds({ milliseconds }: CandidateResult): boolean {
  return milliseconds.length < LEAST_FOR_INTERVAL;
}

function fewRoundsWarnings(when: string, { measurements }: BenchReport): readonly string[] {
  if (!measurements.some(({ candidates }) => candidates.some(hasFewRounds))) return [];
  return [
    `fewer than ${LEAST_FOR_INTERVAL} rounds ${when}, which give no 95 % interval: no difference is counted`,
  ];
}

/** What the first report measured and the second did not. */
function only(one: BenchReport, other: BenchReport): readonly string[] {
  const known = new Map(other.measurements.map((match) => [measurementTitle(match), match]));
  return one.measurements.flatMap((measurement) => {
    const title = measurementTitle(measurement);
    const match = known.get(title);
    if (match === undefined) return [title];
    const names = new Set(match.candidates.map(({ name }) => name));
    return measurement.candidates.flatMap(({ name }) => (names.has(name) ? [] : [`${name} in ${title}`]));
  });
}

function machineWarnings(before: Machine, after: Machine): readonly string[] {
  const names = {
    platform: 'platforms',
    processor: 'processors',
    cores: 'numbers of cores',
    node: 'versions of Node',
  } as const;
  const fields = ['platform', 'processor', 'cores', 'node'] as const;
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => `different ${names[field]}: ${before[field]} before, ${after[field]} now`);
}

function busyWarnings(when: string, { measurements }: BenchReport): readonly string[] {
  const busy = measurements.filter(isBusy);
  const most = busiestText(busy);
  if (most === undefined) return [];
  const where = busy.length === 1 ? '1 measurement' : `${busy.length} measurements`;
  return [`the machine was busy ${when}: other processes took up to ${most} of the cores in ${where}`];
}

// Compares two reports of the same work. A difference counts only if the 95 % intervals do not overlap.
import type { BenchReport, CandidateResult, Machine, Measurement } from './report.ts';
import { busiestText, isBusy, LEAST_FOR_INTERVAL, measurementTitle } from './texts.ts';

/** The change of a candidate's time. `same`: the intervals overlap, or there are too few rounds to tell. */
export type Change = 'slower' | 'faster' | 'same';

/** A candidate that both reports measured. */
export interface ComparedCandidate {
  readonly name: string;
  readonly before: Pick<CandidateResult, 'median' | 'interval'>;
  readonly after: Pick<CandidateResult, 'median' | 'interval'>;
  readonly change: Change;
  /** The new median divided by the old one. Above 1, the candidate has become slower. */
  readonly factor: number;
}

/** A measurement in both reports, with the candidates in both. */
export interface ComparedMeasurement {
  /** `nin, recipe best, 28x28, batch 64: training step` */
  readonly title: string;
  readonly candidates: readonly ComparedCandidate[];
}

/** The result of {@link compareReports}. */
export interface Comparison {
  readonly measurements: readonly ComparedMeasurement[];
  /** Whether any candidate became slower. */
  readonly hasSlower: boolean;
  /** Measurements, or candidates within a measurement: `torch in nin, recipe best, 28x28, batch 64: training step` */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** Reasons to doubt a difference: different conditions, or a busy machine. */
  readonly warnings: readonly string[];
}

/**
 * Compares the candidates that two reports have in common, by model, recipe, image shape, batch, work and name. Different
 * machines, software, settings, rounds or load are not errors but warnings. Networks with the same name but different multiply-adds
 * are not compared.
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

/** Returns whether the networks differ despite the same name: the user may have edited the network in between. */
function isOtherNetwork(before: Measurement, after: Measurement): boolean {
  return before.multiplyAdds !== after.multiplyAdds;
}

function networkWarnings(earlier: ReadonlyMap<string, Measurement>, after: BenchReport): readonly string[] {
  return after.measurements.flatMap((later) => {
    const title = measurementTitle(later);
    const match = earlier.get(title);
    if (match === undefined || !isOtherNetwork(match, later)) return [];
    const [then, now] = [match, later].map(({ multiplyAdds }) => multiplyAdds.toLocaleString('en-US'));
    return [
      `${title}: the network has changed, so it is not compared: ${then} multiply-adds before, ${now} now`,
    ];
  });
}

/** Warns about candidates whose description or bound of the check differs, as with TF32. Each warning appears once. */
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
    `fewer than ${LEAST_FOR_INTERVAL} rounds ${when}, too few for a 95 % interval: no difference is counted`,
  ];
}

/** Lists the measurements and candidates that only the first report contains. */
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

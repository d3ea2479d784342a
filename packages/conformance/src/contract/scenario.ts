// Builds checks of the contract. Each runs a few steps on one device.
import type {
  Claims,
  Device,
  Execution,
  Graph,
  IsonetError,
  Program,
  State,
  Tensor,
  Tensors,
} from '@isonet/core';
import { type Check, groupOf } from '../check/check.ts';
import { Findings } from '../check/findings.ts';

/** A claim of a device that a scenario tests. */
export interface TestedClaim {
  /** The claim in `Device.numerics`: `subnormals`, `maxima.max`. */
  readonly name: string;
  /** Returns true if the device makes the claim, otherwise the reason why the check does not apply. */
  readonly made: (claims: Claims) => true | string;
}

/**
 * Builds a check that runs these steps.
 * @param claim the claim that the steps test, if any; failures name it
 */
export function scenario(
  key: string,
  steps: (device: Device, findings: Findings) => Promise<void>,
  claim?: TestedClaim,
): Check {
  const run: Check['run'] = async (device) => {
    const findings = new Findings();
    const applies = claim?.made(device.numerics.float32) ?? true;
    if (applies !== true) return findings.verdict(key, { notApplicable: applies });
    await steps(device, findings);
    const verdict = findings.verdict(key);
    if (claim === undefined) return verdict;
    const failures = verdict.failures.map((failure) => `${failure} (the device claims \`${claim.name}\`)`);
    return { ...verdict, failures };
  };
  return { key, group: groupOf(key), form: 'native', tier: 'contract', covers: () => [key], run };
}

/** The objects that the steps of a {@link programScenario} use. */
export interface Fixture {
  readonly device: Device;
  readonly findings: Findings;
  readonly program: Program;
  readonly state: State;
}

/** Builds a scenario whose steps start with a program and a state. */
export function programScenario(
  key: string,
  graph: () => Graph,
  values: Tensors,
  steps: (fixture: Fixture) => Promise<void>,
): Check {
  return scenario(key, async (device, findings) => {
    await using program = await device.compile(graph());
    await using state = await device.createState(values);
    await steps({ device, findings, program, state });
  });
}

/** Requires that each named tensor holds exactly the expected values. */
export function allEqual(
  findings: Findings,
  what: string,
  tensors: Tensors,
  expected: Readonly<Record<string, Tensor['data'] | readonly number[]>>,
): void {
  for (const [name, values] of Object.entries(expected)) findings.equal(what, tensors, name, values);
}

/** Requires that a run is refused: both `accepted` and `read` reject. */
export async function refusesRun(
  findings: Findings,
  what: string,
  execution: Execution,
  kind: typeof IsonetError,
  code?: string,
): Promise<void> {
  await findings.rejects(`execution.accepted of ${what}`, execution.accepted, kind, code);
  await findings.rejects(`execution.read() of ${what}`, execution.read(), kind, code);
}

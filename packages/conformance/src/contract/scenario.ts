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

/**
 * Builds a check that runs these steps.
 * @param claimed returns true if the device claims what the steps test, otherwise the reason why the check does not apply
 */
export function scenario(
  key: string,
  steps: (device: Device, findings: Findings) => Promise<void>,
  claimed?: (claims: Claims) => true | string,
): Check {
  const run: Check['run'] = async (device) => {
    const findings = new Findings();
    const applies = claimed?.(device.numerics.float32) ?? true;
    if (applies !== true) return findings.verdict(key, { notApplicable: applies });
    await steps(device, findings);
    return findings.verdict(key);
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

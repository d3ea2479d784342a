// Compiles the programs of a run by role: `step 256`, `part 32`, `apply`, `evaluate 256`. Each uses the plan
// of its role, if there is one, and is reported to `onProgram`.
import type { Forms } from '../arguments/forms.ts';
import { callback, isObject, optional } from '../arguments/forms.ts';
import type { CompileOptions, Device, PlanData, Program } from '../backend/contract.ts';
import type { Graph } from '../graph/graph.ts';

/** Options for compiling the programs of a run. */
export interface RoleOptions {
  /** Plans to reproduce, by role. The device chooses all other plans. */
  readonly plans?: Readonly<Record<string, PlanData>> | undefined;
  /** Called for each compiled program. */
  readonly onProgram?: ((role: string, program: Program) => void) | undefined;
}

export const ROLES: Forms<RoleOptions> = {
  plans: optional({ text: 'plans by role', fits: isObject }),
  onProgram: optional(callback),
};

/**
 * Compiles the program of a role.
 * @throws BackendError `PLAN` if the device cannot reproduce the role's plan; any error of `onProgram`
 */
export async function compileRole(
  device: Device,
  role: string,
  graph: Graph,
  { plans, onProgram }: RoleOptions,
  options: CompileOptions = {},
): Promise<Program> {
  const plan = plans && Object.hasOwn(plans, role) ? plans[role] : undefined;
  const program = await device.compile(graph, plan === undefined ? options : { ...options, plan });
  try {
    onProgram?.(role, program);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return program;
}

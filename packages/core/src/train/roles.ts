// Programs of a run by role: `step 256`, `part 32`, `apply`, `evaluate 256`. Each is made by the plan of its role, if there
// is one, and reported.
import type { Forms } from '../arguments/forms.ts';
import { callback, isObject, optional } from '../arguments/forms.ts';
import type { CompileOptions, Device, PlanData, Program } from '../backend/contract.ts';
import type { Graph } from '../graph/graph.ts';

/** How the programs of a run are compiled. */
export interface RoleOptions {
  /** The plans that are made again, by role. The device chooses the others. */
  readonly plans?: Readonly<Record<string, PlanData>> | undefined;
  /** Called when a program is compiled. */
  readonly onProgram?: ((role: string, program: Program) => void) | undefined;
}

export const ROLES: Forms<RoleOptions> = {
  plans: optional({ text: 'plans by role', fits: isObject }),
  onProgram: optional(callback),
};

/** @throws BackendError `PLAN` when the device cannot make the role's plan; what `onProgram` throws */
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

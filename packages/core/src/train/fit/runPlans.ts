// The plans of a training run, by program role.
import type { Plan, PlanData, Program } from '../../backend/contract.ts';
import { BackendError } from '../../errors.ts';
import type { FitOptions } from './options.ts';

/** The plans of all programs so far, which a reopened device must reproduce. */
export class RunPlans {
  readonly #ids = new Map<string, string>();
  readonly #data: Record<string, PlanData>;
  readonly #onProgram: FitOptions['onProgram'];

  constructor({ plans = {}, onProgram }: FitOptions) {
    this.#data = { ...plans };
    this.#onProgram = onProgram;
  }

  get options(): Pick<FitOptions, 'plans' | 'onProgram'> {
    return { plans: this.#data, onProgram: (role, program) => this.#add(role, program) };
  }

  #add(role: string, program: Program): void {
    this.keep(role, program.plan);
    this.#onProgram?.(role, program);
  }

  /** Records the plan of a role. @throws BackendError `PLAN` if it differs from the role's earlier plan */
  keep(role: string, { id, data }: Plan): void {
    const before = this.#ids.get(role);
    if (before !== undefined && before !== id) {
      throw new BackendError(
        'PLAN',
        `the reopened device compiles a different plan for "${role}", so the remaining steps would not match bit for bit`,
      );
    }
    this.#ids.set(role, id);
    if (data !== undefined) this.#data[role] = data;
  }
}

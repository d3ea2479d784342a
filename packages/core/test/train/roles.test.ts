// Programs by role: their names, and the plans with which they are compiled.
import type { CompileOptions, Device, FitOptions, PlanData, Program } from '@isonet/core';
import { fit, initialize, stateOf, Trainer } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { model, options } from './tiny.ts';

/** Returns the options of a short run that records the roles and the compile options of its programs. */
async function recorded(changes: Partial<FitOptions> = {}): Promise<{
  readonly given: FitOptions;
  readonly roles: readonly string[];
  readonly compiled: readonly (CompileOptions | undefined)[];
}> {
  const roles: string[] = [];
  const compiled: (CompileOptions | undefined)[] = [];
  const onProgram = (role: string, { plan }: Program): void => {
    expect(plan.id).toMatch(/^reference-/);
    roles.push(role);
  };
  const base = await options({ epochs: 1, onProgram, ...changes });
  const device: Device = {
    info: base.device.info,
    numerics: base.device.numerics,
    lost: base.device.lost,
    createState: (values) => base.device.createState(values),
    compile: async (graph, how) => {
      compiled.push(how);
      return base.device.compile(graph, how?.frozen ? { frozen: how.frozen } : {});
    },
    [Symbol.asyncDispose]: () => base.device[Symbol.asyncDispose](),
  };
  return { given: { ...base, device }, roles, compiled };
}

describe('roles', () => {
  it('name each program once, in steps, in parts and in evaluation', async () => {
    const whole = await recorded();
    await fit(whole.given);
    expect(whole.roles).toEqual(['step 8', 'step 6', 'evaluate 22']);
    const parts = await recorded({ microBatchSize: 5 });
    await fit(parts.given);
    expect(parts.roles).toEqual(['part 5', 'part 3', 'apply', 'part 1', 'evaluate 22']);
  });

  it('dispose of a program for which onProgram throws', async () => {
    const { given } = await recorded();
    let disposed = 0;
    const device: Device = {
      ...given.device,
      compile: async (...args) => {
        const program = await given.device.compile(...args);
        return {
          ...program,
          [Symbol.asyncDispose]: async () => {
            disposed++;
            await program[Symbol.asyncDispose]();
          },
        };
      },
    };
    const onProgram = (): never => {
      throw new Error('not this one');
    };
    await expect(fit({ ...given, device, onProgram })).rejects.toThrow('not this one');
    expect(disposed).toBe(1);
  });

  it('select the plan of a program', async () => {
    const data = (name: string): PlanData => ({ format: 'mine', version: 1, name });
    const plans = { 'step 6': data('small'), 'evaluate 22': data('all'), 'step 7': data('unused') };
    const { given, compiled } = await recorded({ plans });
    await fit(given);
    expect(compiled.map((how) => how?.plan)).toEqual([undefined, plans['step 6'], plans['evaluate 22']]);
    expect(compiled.map((how) => how?.frozen !== undefined)).toEqual([false, false, true]);
  });

  it('are known before the first step with a trainer created beforehand, which does not change the run', async () => {
    const { given, roles } = await recorded();
    const values = initialize(stateOf(model).parameters, given.initializer, given.seed);
    const trainer = await Trainer.create({ ...given, values });
    for (const batch of [8, 6]) await trainer.prepare(batch);
    expect(roles).toEqual(['step 8', 'step 6']);
    const { trainer: same } = await fit({ ...given, trainer });
    expect(same).toBe(trainer);
    expect(roles).toEqual(['step 8', 'step 6', 'evaluate 22']);
    const other = await fit(await options({ epochs: 1 }));
    expect(await trainer.state.read()).toEqual(await other.trainer.state.read());
  });

  it('require a trainer of the same model and device', async () => {
    const given = await options({ epochs: 1 });
    const values = initialize(stateOf(model).parameters, given.initializer, given.seed);
    for (const changes of [{ model: { ...model } }, { device: await reference.open() }]) {
      const trainer = await Trainer.create({ ...given, values });
      await expect(fit({ ...given, ...changes, trainer })).rejects.toThrow(
        'fit: trainer: it was created for another model or device',
      );
      await expect(trainer.weights()).rejects.toThrow('disposed');
    }
  });
});

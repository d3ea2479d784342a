// What decides the order of sums, as one digest: two programs of one fingerprint give the same bits.
import type { Context } from './context.ts';
import type { Plan } from './plan.ts';
import { runtimeName } from './runtime.ts';

/** The shaders and their params tell which kernels run and how their sums are cut; the rest is who compiles and runs them. */
export async function fingerprintOf({ adapter }: Context, { dispatches }: Plan): Promise<string> {
  const runtime = runtimeName();
  const work = dispatches.map(({ dispatch: { source, params, threads } }) => [source, [...params], threads]);
  const bytes = new TextEncoder().encode(JSON.stringify([runtime, adapter, work]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `webgpu ${hex}, ${runtime}, ${adapter}`;
}

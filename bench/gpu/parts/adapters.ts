// Reports the adapters, features, limits and subgroup matrices that Dawn finds, without and with its unsafe features.
import { isSoftware, nameOf } from '../../../packages/backend-webgpu/src/adapters/gpu.ts';
import { findAdapter } from '../kit/dawn.ts';
import { runPart } from '../kit/part.ts';

/** Features that the kernels use, or may use in the future. */
const NOTABLE = ['timestamp-query', 'shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];
const SHOWN_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const;

interface Seen {
  readonly unsafe: boolean;
  readonly request: GPURequestAdapterOptions;
  readonly software: boolean;
  readonly name: string;
  readonly info: object;
  readonly features: readonly string[];
  readonly matrices: readonly object[];
  readonly limits: Readonly<Record<string, number>>;
}

async function look(unsafe: boolean, request: GPURequestAdapterOptions): Promise<Seen | undefined> {
  const found = await findAdapter(unsafe ? ['enable-dawn-features=allow_unsafe_apis'] : [], request);
  if (found === undefined) return undefined;
  const { adapter, info } = found;
  return {
    unsafe,
    request,
    software: isSoftware(info),
    name: nameOf(info),
    info: plain(info, (key) => key !== 'subgroupMatrixConfigs'),
    features: [...adapter.features].toSorted((a, b) => a.localeCompare(b)),
    matrices: matricesOf(info),
    limits: plain(adapter.limits) as Record<string, number>,
  };
}

/** Copies the getters of a WebGPU object, which are not own properties, into a plain object. */
function plain(value: object, isWanted: (key: string) => boolean = () => true): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const key in value) {
    const of = (value as Record<string, unknown>)[key];
    if (isWanted(key) && ['string', 'number', 'boolean'].includes(typeof of)) entries.push([key, of]);
  }
  return Object.fromEntries(entries);
}

/** Returns the subgroup matrix configurations, which are not part of WebGPU yet. */
function matricesOf(info: GPUAdapterInfo): readonly object[] {
  const { subgroupMatrixConfigs: configs } = info as { subgroupMatrixConfigs?: Iterable<object> };
  return configs === undefined ? [] : Array.from(configs, (config) => plain(config));
}

await runPart(async ({ small, log, save }) => {
  const adapters: Seen[] = [];
  for (const unsafe of [false, true]) {
    for (const request of [
      { powerPreference: 'high-performance' },
      { forceFallbackAdapter: true },
    ] as const) {
      const seen = await look(unsafe, request);
      if (seen === undefined) continue;
      adapters.push(seen);
      save({ adapters });
      const limits = SHOWN_LIMITS.map((name) => `${name} ${seen.limits[name]}`);
      log(`${seen.name}${unsafe ? ', with unsafe features' : ''}: ${seen.features.join(' ')}`);
      log(`  ${limits.join(', ')}; ${seen.matrices.length} kinds of subgroup matrices`);
    }
  }
  const best = adapters.find(({ software }) => software === small);
  if (best === undefined) throw new Error(small ? 'Dawn finds no software driver' : 'Dawn finds no GPU');
  const has = (name: string): string => {
    const found = adapters.find(({ features, software }) => software === small && features.includes(name));
    return `${name} ${found === undefined ? 'no' : found.unsafe ? 'unsafe only' : 'yes'}`;
  };
  return `${best.name}: ${NOTABLE.map(has).join(', ')}`;
});

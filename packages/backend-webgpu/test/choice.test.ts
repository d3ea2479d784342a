// Tests which adapter each id selects, on simulated systems: WebGPU is a stub here.
import { beforeEach, expect, test, vi } from 'vitest';
import { listAdapters, openAdapter } from '../src/adapters/open.ts';
import { isSoftware, nameOf } from '../src/adapters/gpu.ts';
import { systemGpu } from '../src/adapters/platform.ts';

vi.mock(import('../src/adapters/platform.ts'), () => ({
  systemGpu: vi.fn<typeof systemGpu>(),
  findSoftware: () => Promise.resolve({ code: 'SOFTWARE_MISSING', reason: 'none', fix: 'none' }),
  softwareGpu: () => Promise.reject(new Error('never called')),
}));

const NVIDIA = adapterInfo({ vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA H100' });
const INTEL = adapterInfo({ vendor: 'intel', architecture: 'xe-2hpg' });
const LLVMPIPE = adapterInfo({
  vendor: 'mesa',
  description: 'llvmpipe (LLVM 15.0.6)',
  isFallbackAdapter: true,
});
const UNMARKED = adapterInfo({ vendor: 'google', architecture: 'swiftshader' });

type Answers = Partial<Record<'high-performance' | 'low-power' | 'fallback' | 'any', GPUAdapterInfo>>;

beforeEach(() => {
  vi.mocked(systemGpu).mockReset();
});

test.each<{ title: string; answers: Answers; list: string[] }>([
  {
    title: 'one GPU',
    answers: { 'high-performance': NVIDIA, 'low-power': NVIDIA, any: NVIDIA },
    list: ['gpu gpu NVIDIA H100'],
  },
  {
    title: 'two GPUs and a software driver',
    answers: { 'high-performance': NVIDIA, 'low-power': INTEL, fallback: LLVMPIPE, any: NVIDIA },
    list: [
      'gpu gpu NVIDIA H100',
      'low-power gpu intel xe-2hpg',
      'fallback software llvmpipe (LLVM 15.0.6), a software driver of this system',
    ],
  },
  {
    title: 'a software driver that answers to everything',
    answers: { 'high-performance': LLVMPIPE, 'low-power': LLVMPIPE, fallback: LLVMPIPE, any: LLVMPIPE },
    list: ['fallback software llvmpipe (LLVM 15.0.6), a software driver of this system'],
  },
  {
    title: 'a software driver that does not report itself as one',
    answers: { 'high-performance': UNMARKED, 'low-power': UNMARKED, any: UNMARKED },
    list: ['fallback software google swiftshader, a software driver of this system'],
  },
  { title: 'nothing', answers: {}, list: [] },
])('lists the adapters of a system with $title', async ({ answers, list }) => {
  vi.mocked(systemGpu).mockResolvedValue(stubGpu(answers));
  const { adapters, absent } = await listAdapters();
  expect(adapters.map(({ id, kind, text }) => `${id} ${kind} ${text}`)).toEqual(list);
  const hardware = adapters.some(({ kind }) => kind === 'gpu');
  expect(absent.map(({ code }) => code)).toEqual([...(hardware ? [] : ['NO_GPU']), 'SOFTWARE_MISSING']);
});

test('a software driver never opens as hardware, nor hardware as a software driver', async () => {
  vi.mocked(systemGpu).mockResolvedValue(stubGpu({ 'high-performance': LLVMPIPE, fallback: LLVMPIPE }));
  await expect(openAdapter('gpu')).rejects.toThrow('webgpu "gpu": no driver on this system exposes a GPU');
  vi.mocked(systemGpu).mockResolvedValue(stubGpu({ 'high-performance': NVIDIA, any: NVIDIA }));
  await expect(openAdapter('fallback')).rejects.toThrow(
    'webgpu "fallback": this system has no software driver',
  );
});

test('the error names an adapter that cannot open a device', async () => {
  vi.mocked(systemGpu).mockResolvedValue(stubGpu({ 'high-performance': NVIDIA }));
  await expect(openAdapter('gpu')).rejects.toThrow('webgpu "gpu": NVIDIA H100 cannot open a device: a stub');
});

test.each([
  ['Microsoft Basic Render Driver', true],
  ['warp', true],
  ['Apple M2', false],
  ['NVIDIA GeForce RTX 4090', false],
])('%s is software: %s', (description, software) => {
  expect(isSoftware(adapterInfo({ description }))).toBe(software);
});

test('an adapter without a name still has a text', () => {
  expect(nameOf(adapterInfo({}))).toBe('an adapter without a name');
});

function adapterInfo(known: Partial<GPUAdapterInfo>): GPUAdapterInfo {
  const nameless = { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false };
  return { ...nameless, ...known } as GPUAdapterInfo;
}

function stubGpu(answers: Answers): GPU {
  const requestDevice = (): Promise<GPUDevice> => Promise.reject(new Error('a stub'));
  const unchanged = { limits: {} as GPUSupportedLimits, features: new Set<string>(), requestDevice };
  const requestAdapter = (options: GPURequestAdapterOptions = {}): Promise<GPUAdapter | null> => {
    const info =
      answers[options.forceFallbackAdapter === true ? 'fallback' : (options.powerPreference ?? 'any')];
    const adapter: Partial<GPUAdapter> = { ...unchanged, ...(info && { info }) };
    return Promise.resolve(info === undefined ? null : (adapter as GPUAdapter));
  };
  return { requestAdapter } as Partial<GPU> as GPU;
}

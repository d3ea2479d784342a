// Tests of listing and opening adapters. Tests that compute are skipped, with the reason, if there is no software driver (it needs
// Linux x64 and npm's @sparticuz/chromium). They also run on a GPU if there is one.
import { BackendError } from '@isonet/core';
import { describe, expect, test } from 'vitest';
import type { OpenAdapter } from '../src/adapters/gpu.ts';
import { listAdapters, openAdapter } from '../src/adapters/open.ts';

const environment = { ...process.env };
const { adapters, absent } = await listAdapters();
const ids = adapters.map(({ id }) => id);
const ADAPTERS = ['gpu', 'low-power', 'fallback', 'software'];

test('the list contains known ids, once each, and a fix for each missing adapter', () => {
  expect(ADAPTERS.filter((id) => ids.includes(id))).toEqual(ids);
  for (const { code, reason, fix } of absent) {
    expect(code).toMatch(/^[A-Z_]+$/);
    expect([reason, fix].filter((text) => text === '' || text.includes('\n'))).toEqual([]);
  }
  const software = absent.filter(({ code }) => code.startsWith('SOFTWARE_'));
  expect(software).toHaveLength(ids.includes('software') ? 0 : 1);
  const hardware = adapters.filter(({ kind }) => kind === 'gpu');
  expect(absent.length - software.length).toBe(hardware.length === 0 ? 1 : 0);
});

test.each(ADAPTERS.filter((id) => !ids.includes(id)))('opening the missing %s reports why', async (id) => {
  const error: unknown = await openAdapter(id).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(BackendError);
  expect(String(error)).toMatch(new RegExp(`webgpu "${id}": .+; .+`));
});

test('an unknown id is rejected with the known ones', async () => {
  const message = 'webgpu: unknown adapter "cuda"; expected one of gpu, low-power, fallback, software';
  await expect(openAdapter('cuda')).rejects.toThrow(message);
});

describe.each(ADAPTERS)('%s', (id) => {
  test('computes and closes', async ({ skip }) => {
    skip(!ids.includes(id), absent.map(({ reason }) => reason).join('; ') || 'not on this machine');
    const open = await openAdapter(id);
    expect(open.info).toEqual(adapters.find((info) => info.id === id));

    const n = 1000;
    const a = Float32Array.from({ length: n }, (_, i) => i);
    const b = Float32Array.from({ length: n }, (_, i) => 2 * i + 0.5);
    const sum = await add(open, a, b);
    expect(sum).toEqual(a.map((value, i) => value + (b[i] ?? Number.NaN)));

    await open.close();
    await open.close();
    expect(await open.lost).toMatch(/^destroyed: /);
  });
});

test('opening the software driver and listing adapters at once do not interfere', async ({ skip }) => {
  skip(!ids.includes('software'), absent.map(({ reason }) => reason).join('; '));
  const [first, list, second] = await Promise.all([
    openAdapter('software'),
    listAdapters(),
    openAdapter('software'),
  ]);
  expect(list).toEqual({ adapters, absent });
  expect(process.env).toEqual(environment);
  expect([first, second].map(({ adapter }) => adapter.architecture)).toEqual(['swiftshader', 'swiftshader']);
  // WebGPU grants 128 MiB by default.
  expect(first.device.limits.maxStorageBufferBindingSize).toBe(2 ** 30);
  expect(first.device.features.has('subgroups')).toBe(true);
  await first.close();
  expect(await add(second, Float32Array.of(1), Float32Array.of(2))).toEqual(Float32Array.of(3));
  await second.close();
});

test('limits may be lowered, but not raised', async ({ skip }) => {
  skip(!ids.includes('software'), absent.map(({ reason }) => reason).join('; '));
  const requested = { maxStorageBufferBindingSize: 2 ** 28, maxComputeWorkgroupsPerDimension: 1000 };
  const open = await openAdapter('software', requested);
  expect(open.limits).toMatchObject({ ...requested, maxBufferSize: open.device.limits.maxBufferSize });
  expect(open.device.limits.maxStorageBufferBindingSize).toBe(2 ** 28);
  // WebGPU never grants less than its default.
  expect(open.device.limits.maxComputeWorkgroupsPerDimension).toBe(65_535);
  await open.close();

  const rejection = async (limits: Readonly<Record<string, number>>): Promise<unknown> =>
    openAdapter('software', limits).catch((caught: unknown) => caught);
  const expected = 'maxStorageBufferBindingSize: expected an integer from 1 to 1073741824';
  for (const value of [2 ** 30 + 1, 0, 1.5, Number.NaN]) {
    const error = await rejection({ maxStorageBufferBindingSize: value });
    expect(error).toMatchObject({
      code: 'OPTION',
      message: `webgpu "software": limits: ${expected}, the adapter's limit, got ${value}`,
    });
  }
  const unknown = await rejection({ maxTextureDimension1D: 1 });
  expect(unknown).toMatchObject({ code: 'OPTION' });
  expect(String(unknown)).toContain(
    'limits: unknown limit "maxTextureDimension1D"; expected one of maxBufferSize, ',
  );
});

/** Adds two arrays on the device. `a, b: [N] -> [N]` */
async function add({ device }: OpenAdapter, a: Float32Array, b: Float32Array): Promise<Float32Array> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = { STORAGE: 128, COPY_SRC: 4, COPY_DST: 8, MAP_READ: 1 };
  const code = `
    @group(0) @binding(0) var<storage, read> a: array<f32>;
    @group(0) @binding(1) var<storage, read> b: array<f32>;
    @group(0) @binding(2) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < arrayLength(&y)) { y[id.x] = a[id.x] + b[id.x]; }
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const buffers = [a, b, undefined].map((values) => {
    const buffer = device.createBuffer({ size: a.byteLength, usage: STORAGE | COPY_SRC | COPY_DST });
    if (values !== undefined) device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  });
  const result = device.createBuffer({ size: a.byteLength, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(Math.ceil(a.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(buffers[2] ?? result, 0, result, 0, a.byteLength);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(MAP_READ);
  return new Float32Array(result.getMappedRange().slice(0));
}

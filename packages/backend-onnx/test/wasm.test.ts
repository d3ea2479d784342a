// ONNX Runtime in WebAssembly in Node: whether the package is there, and what it is opened with.
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { backendOf, buildOver } from '../src/backend.ts';
import { onnxFrom, onnxHere as onnx } from '../src/index.ts';
import { wasm } from '../src/runtime/providers/wasm.ts';
import { nodeRuntime } from '../src/runtime/web/node.ts';
import type { Runtime } from '../src/runtime/load.ts';

const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));

/** A backend that finds onnxruntime-web with a way to resolve its name. */
const over = (resolve: (name: string) => string): ReturnType<typeof backendOf> =>
  backendOf([
    buildOver<Runtime>(() => Promise.reject(new Error('no such library')), []),
    buildOver(() => nodeRuntime(undefined, resolve), [wasm]),
  ]);

test('is listed after the native devices, which have the default', async () => {
  const probe = await onnx.probe();
  const text = expect.stringMatching(
    /^ONNX Runtime 1\.30\.0 in WebAssembly with SIMD, \d+ threads?$/,
  ) as string;
  expect(probe.ok && probe.devices[0]?.id).toBe('cpu');
  expect(probe.ok && probe.devices.at(-1)).toEqual({ id: 'wasm', kind: 'cpu', text });
  await expect(onnx.open({ device: 'wasm', tf32: true })).rejects.toMatchObject({ code: 'OPTION' });
});

test('is there where the native library is not', async () => {
  const resolve = createRequire(import.meta.url).resolve;
  expect(await over(resolve).probe()).toMatchObject({ ok: true, devices: [{ id: 'wasm' }] });
});

test('says what to install where the package is missing', async () => {
  const absent = (): string => {
    throw new Error("Cannot find module 'onnxruntime-web'");
  };
  const line = 'onnxruntime-web is not installed; npm install onnxruntime-web@1.30.0 (148 MB)';
  await expect(over(absent).open({ device: 'wasm' })).rejects.toMatchObject({
    code: 'NOT_INSTALLED',
    message: `onnx "wasm": ${line}`,
  });
  // With nothing else there, the native library's reason is the backend's.
  expect(await over(absent).probe()).toMatchObject({ ok: false, code: 'LOAD', reason: 'no such library' });
});

test('takes the version that the suite was run on, and no other', async () => {
  const installed = mkdtempSync(join(tmpdir(), 'isonet-ort-'));
  onTestFinished(() => rmSync(installed, { recursive: true }));
  mkdirSync(join(installed, 'dist'));
  writeFileSync(join(installed, 'package.json'), '{ "version": "1.31.0" }');
  await expect(over(() => join(installed, 'dist', 'ort.js')).open({ device: 'wasm' })).rejects.toMatchObject({
    code: 'VERSION',
    message:
      'onnx "wasm": onnxruntime-web 1.31.0 is installed, expected 1.30.0; npm install onnxruntime-web@1.30.0 (148 MB)',
  });
});

test('one thread has one number of threads and one folder: another is an error', async () => {
  await using device = await onnx.open({ device: 'wasm', threads: 1 });
  await using again = await onnx.open({ device: 'wasm', threads: 1 });
  expect(again.info).toEqual(device.info);
  await expect(onnx.open({ device: 'wasm', threads: 2 })).rejects.toMatchObject({
    code: 'OPTION',
    message:
      'onnx "wasm": threads: expected 1, with which this thread has started WebAssembly, got 2; open with threads: 1, or use a worker',
  });
  const { href } = pathToFileURL(folder);
  for (const named of [folder, `${href}/`]) {
    await expect(onnxFrom(named).open({ device: 'wasm', threads: 1 })).rejects.toThrow(
      `onnx "wasm": folder: expected none, with which this thread has started WebAssembly, got ${href}/; use one folder, or a worker`,
    );
  }
});

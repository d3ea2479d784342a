// Tests ONNX Runtime in WebAssembly in Node: the checks of the package, and the options.
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

/** Creates a backend that resolves onnxruntime-web with `resolve`. */
const over = (resolve: (name: string) => string): ReturnType<typeof backendOf> =>
  backendOf([
    buildOver<Runtime>(() => Promise.reject(new Error('no such library')), []),
    buildOver(() => nodeRuntime(undefined, resolve), [wasm]),
  ]);

test('is listed after the native devices, which include the default', async () => {
  const probe = await onnx.probe();
  const text = expect.stringMatching(
    /^ONNX Runtime 1\.30\.0 in WebAssembly with SIMD, \d+ threads?$/,
  ) as string;
  expect(probe.ok && probe.devices[0]?.id).toBe('cpu');
  expect(probe.ok && probe.devices.at(-1)).toEqual({ id: 'wasm', kind: 'cpu', text });
  await expect(onnx.open({ device: 'wasm', tf32: true })).rejects.toMatchObject({ code: 'OPTION' });
});

test('is available without the native library', async () => {
  const resolve = createRequire(import.meta.url).resolve;
  expect(await over(resolve).probe()).toMatchObject({ ok: true, devices: [{ id: 'wasm' }] });
});

test('names what to install if the package is missing', async () => {
  const absent = (): string => {
    throw new Error("Cannot find module 'onnxruntime-web'");
  };
  const line = 'onnxruntime-web is not installed; run npm install onnxruntime-web@1.30.0 (148 MB)';
  await expect(over(absent).open({ device: 'wasm' })).rejects.toMatchObject({
    code: 'NOT_INSTALLED',
    message: `onnx "wasm": ${line}`,
  });
  // If both builds are missing, the backend reports the native library's reason.
  expect(await over(absent).probe()).toMatchObject({ ok: false, code: 'LOAD', reason: 'no such library' });
});

test('accepts only the tested version', async () => {
  const installed = mkdtempSync(join(tmpdir(), 'isonet-ort-'));
  onTestFinished(() => rmSync(installed, { recursive: true }));
  mkdirSync(join(installed, 'dist'));
  writeFileSync(join(installed, 'package.json'), '{ "version": "1.31.0" }');
  await expect(over(() => join(installed, 'dist', 'ort.js')).open({ device: 'wasm' })).rejects.toMatchObject({
    code: 'VERSION',
    message:
      'onnx "wasm": onnxruntime-web: expected version 1.30.0, found 1.31.0; run npm install onnxruntime-web@1.30.0 (148 MB)',
  });
});

test('all devices on a thread share one number of threads and one folder', async () => {
  await using device = await onnx.open({ device: 'wasm', threads: 1 });
  await using again = await onnx.open({ device: 'wasm', threads: 1 });
  expect(again.info).toEqual(device.info);
  await expect(onnx.open({ device: 'wasm', threads: 2 })).rejects.toMatchObject({
    code: 'OPTION',
    message:
      'onnx "wasm": threads: expected 1, because WebAssembly has already started with that number on this thread, got 2; open with threads: 1, or use a worker',
  });
  const { href } = pathToFileURL(folder);
  for (const named of [folder, `${href}/`]) {
    await expect(onnxFrom(named).open({ device: 'wasm', threads: 1 })).rejects.toThrow(
      `onnx "wasm": folder: expected none, because WebAssembly has already started with it on this thread, got ${href}/; use one folder, or a worker`,
    );
  }
});

// Tests the commands with their published tables of backends and models, with NiN on ONNX Runtime.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { main } from '../src/cli.ts';
import { makeIo, makeWorld } from './helpers.ts';

it('trains, evaluates, predicts and exports NiN', async () => {
  const { cwd, data } = await makeWorld();
  const run = async (...argv: readonly string[]): Promise<string> => {
    const { io, stdout, stderr } = makeIo(cwd);
    const code = await main(argv, io);
    // After two short epochs, the network may have learned very little.
    const problems = stderr.text.replace(
      /^note: [^\n]+ predicts the same class for every image; [^\n]+\n$/,
      '',
    );
    expect({ argv, code, problems }).toEqual({ argv, code: 0, problems: '' });
    return stdout.text;
  };
  const small = ['--backend', 'onnx', '--batch-size', '16', '--epochs', '2', '--data', data];
  const trained = await run('train', 'nin', ...small);
  expect(trained).toMatch(/^backend: onnx, cpu \(ONNX Runtime \d+\.\d+\.\d+, .*\): as requested\n/);
  expect(trained).toMatch(/^epoch 2, loss 2\.\d{4}, /m);
  const weights = (folder: string): Promise<Buffer> => readFile(join(cwd, folder, 'weights.safetensors'));
  await run('train', 'nin', ...small, '--out', 'again');
  expect(await weights('again')).toEqual(await weights('runs/nin-best-onnx-0'));
  expect(await run('evaluate', 'again', '--backend', 'onnx')).toMatch(/^test loss 2\.\d{4}, /m);
  expect(await run('predict', 'again', '--test', '1', '--backend', 'onnx')).toMatch(
    /^backend: onnx, .*\ndata: .*\ntest image 1: /,
  );
  expect(await run('export', 'again', '--to', 'nin.onnx')).toContain(
    'images [N, 1, 28, 28] -> logits [N, 10]',
  );
});

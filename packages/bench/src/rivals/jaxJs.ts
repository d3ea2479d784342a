// The rival jax-js: the network as a jitted function on arrays, on WebAssembly or in plain JavaScript.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tensor } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Jax, Values } from './jaxNetwork.ts';
import { forwardOf } from './jaxNetwork.ts';
import { entryOf } from './packages.ts';
import type { Files, RivalCandidate } from './serve.ts';
import { checkNoTf32, Refusal, serve } from './serve.ts';

/** The devices in Node. WebGPU and WebGL work only in browsers: they need `navigator` and a canvas. */
const DEVICES = ['wasm', 'cpu'] as const;
type DeviceName = (typeof DEVICES)[number];

await serve(async (request) => {
  const { work, device } = request;
  if (work === 'step')
    throw new Refusal('jax-js: training steps are not supported; measure the forward pass');
  const name = DEVICES.find((known) => known === (device ?? 'wasm'));
  if (!name)
    throw new Refusal(
      `jax-js: device: expected one of ${DEVICES.join(', ')}, got "${device}"; the library has no other in Node`,
    );
  checkNoTf32('jax-js', request);
  const [folder = process.cwd()] = process.argv.slice(2);
  const entry = entryOf('@jax-js/jax', folder);
  if (entry === undefined) throw new Refusal('jax-js: @jax-js/jax is not installed');
  const jax = (await import(pathToFileURL(entry).href)) as Jax;
  const manifest = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return (files) => open(jax, name, files, `jax-js ${version}, jit, NCHW, ${name}`);
});

async function open(jax: Jax, device: DeviceName, files: Files, text: string): Promise<RivalCandidate> {
  if (!(await jax.init(device)).includes(device)) {
    throw new Refusal(`jax-js: "${device}" did not start on this machine`);
  }
  jax.defaultDevice(device);
  const { numpy: np } = jax;
  const { network, weights, images } = files;
  const array = ({ data, shape }: Tensor): Values => np.array(new Float32Array(data), { shape: [...shape] });
  const parameters = network.state.map(({ name }) => array(defined(weights[name], `the weight "${name}"`)));
  const forward = jax.jit((x: Values, ...state: Values[]) => forwardOf(jax, files, x, state));
  const logits = async (): Promise<ArrayLike<number>> =>
    (await forward(array(images), ...parameters.map(({ ref }) => ref)).data()) as Float32Array;
  return {
    text,
    logits,
    run: async () => {
      await logits();
      return undefined;
    },
    product: (size) => {
      const random = (): number[] => Array.from({ length: size * size }, Math.random);
      const [a, b] = [
        np.array(random(), { shape: [size, size] }),
        np.array(random(), { shape: [size, size] }),
      ];
      const multiply = jax.jit((x: Values, y: Values) => np.matmul(x, y));
      return Promise.resolve(async () => {
        await multiply(a.ref, b.ref).data();
      });
    },
  };
}

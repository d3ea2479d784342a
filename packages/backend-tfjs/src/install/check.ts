// Checks an installation: opens TensorFlow in the folder that ISONET_TENSORFLOW names, computes a convolution, and prints the opened
// device as a line of JSON. It runs in a separate process, because a library that the processor does not support kills its process.
import type { Device } from '@isonet/core';
import { BackendError, codeOf, float32, GraphBuilder, messageOf } from '@isonet/core';
import { tfjs } from '../backend.ts';

/** The line that this program prints. */
export type Checked = { readonly text: string } | { readonly error: string };

const [images, filters, size, kernel] = [2, 4, 9, 3] as const;
const strides = [2, 2] as const;

async function check(): Promise<Checked> {
  try {
    await using device = await open();
    const wrong = await convolutionFault(device);
    return wrong === undefined ? { text: device.info.text } : { error: wrong };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Opens the GPU if TensorFlow can use one, otherwise the CPU. The printed text names the opened device. */
async function open(): Promise<Device> {
  const devices = process.argv[2] === 'cuda' ? ['cuda', 'tensorflow'] : ['tensorflow'];
  for (const device of devices) {
    try {
      return await tfjs.open({ device });
    } catch (error) {
      if (codeOf(error) !== 'NO_GPU') throw error;
    }
  }
  throw new BackendError('NO_DEVICE', 'tfjs: TensorFlow cannot open any device');
}

/**
 * Computes a convolution of integers and compares it with plain loops. Sums of integers are the same in any order, so on the CPU
 * the result must be equal. cuDNN may choose an algorithm that rounds, so on the GPU it may differ slightly.
 * @returns the first difference; undefined if there is none
 */
async function convolutionFault(device: Device): Promise<string | undefined> {
  const x = integers(images * size * size, 7);
  const w = integers(filters * kernel * kernel, 5);
  const b = new GraphBuilder('check');
  const [input, filter] = [
    b.input('x', { dtype: 'float32', shape: [images, 1, size, size] }),
    b.input('w', { dtype: 'float32', shape: [filters, 1, kernel, kernel] }),
  ];
  b.output('y', b.op.conv2d(input, filter, { strides, pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 }));
  await using state = await device.createState({});
  await using program = await device.compile(b.build());
  const feeds = {
    x: float32([images, 1, size, size], x),
    w: float32([filters, 1, kernel, kernel], w),
  };
  const { y } = await program.run(state, feeds).read();
  const expected = convolved(x, w);
  const tolerance = device.info.id === 'cuda' ? 1e-3 : 0;
  const isClose = (value: number, got: number | undefined): boolean =>
    got !== undefined && Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value)); // false for NaN
  const index = expected.findIndex((value, i) => !isClose(value, y?.data[i]));
  if (index < 0 && y?.data.length === expected.length) return undefined;
  return `a convolution is wrong: expected ${expected[index]} at ${index}, got ${y?.data[index]}`;
}

function integers(length: number, modulus: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * i + 3 * i) % modulus) - 2);
}

/** Computes `y[n, k, i, j]` with plain loops, with a border of zeros of width 1 around each image. */
function convolved(x: Float32Array, w: Float32Array): readonly number[] {
  const out = Math.floor((size + 2 - kernel) / strides[0]) + 1;
  return Array.from({ length: images * filters * out * out }, (_, at) => {
    const [j, i] = [at % out, Math.floor(at / out) % out];
    const [k, n] = [Math.floor(at / out ** 2) % filters, Math.floor(at / (out ** 2 * filters))];
    let sum = 0;
    for (let p = 0; p < kernel; p += 1) {
      for (let q = 0; q < kernel; q += 1) {
        const [row, column] = [i * strides[0] + p - 1, j * strides[1] + q - 1];
        const isInside = row >= 0 && row < size && column >= 0 && column < size;
        if (isInside) {
          sum += (x[(n * size + row) * size + column] ?? NaN) * (w[(k * kernel + p) * kernel + q] ?? NaN);
        }
      }
    }
    return sum;
  });
}

process.stdout.write(`${JSON.stringify(await check())}\n`);

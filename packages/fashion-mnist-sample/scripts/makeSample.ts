// Writes files/*.idx.gz from the full Fashion-MNIST: the first images of each class in file order, with the classes in turn.
// Nothing is random, so anyone who has the data can reproduce the sample:
//   node --conditions=@isonet/source --import tsx packages/fashion-mnist-sample/scripts/makeSample.ts [FOLDER]
// FOLDER contains the four files; by default, the loader's search path is used. Prints the digests that README.md lists.
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { encodeIdx, type ImageDataset, loadFashionMnist } from '../../data/src/index.ts';

const PER_CLASS = { train: 800, test: 100 } as const;
const target = fileURLToPath(new URL('../files', import.meta.url));

/** Returns the indices of the sample: position i has image floor(i / classes) of class i % classes. */
function firstOfEachClass(dataset: ImageDataset, perClass: number): number[] {
  const byClass = dataset.classes.map((): number[] => []);
  dataset.labels.forEach((label, index) => byClass[label]?.push(index));
  return Array.from({ length: perClass * byClass.length }, (_, i) => {
    const index = byClass[i % byClass.length]?.[Math.floor(i / byClass.length)];
    if (index === undefined)
      throw new Error(`${dataset.name}: expected at least ${perClass} images per class`);
    return index;
  });
}

async function write(name: string, shape: readonly number[], data: Uint8Array): Promise<void> {
  const idx = encodeIdx(shape, data);
  const packed = gzipSync(idx, { level: constants.Z_BEST_COMPRESSION, memLevel: 9 });
  const path = join(target, `${name}.idx.gz`);
  await writeFile(`${path}.tmp`, packed);
  await rename(`${path}.tmp`, path);
  const digest = createHash('sha256').update(idx).digest('hex');
  console.log(`| ${name}.idx.gz | [${shape.join(', ')}] | ${packed.length} | \`${digest}\` |`);
}

const folder = process.argv[2];
const data = await loadFashionMnist(folder === undefined ? {} : { folder });
// The loader falls back to the sample; a sample of the sample would look like one of the full data.
if (data.source.kind === 'sample')
  throw new Error('Fashion-MNIST not found: run apt install dataset-fashion-mnist, or name its folder');
console.log(data.source.text);
await mkdir(target, { recursive: true });
for (const part of ['train', 'test'] as const) {
  const dataset = data[part];
  const [, height, width] = dataset.imageShape;
  const chosen = firstOfEachClass(dataset, PER_CLASS[part]);
  const size = height * width;
  const images = new Uint8Array(chosen.length * size);
  chosen.forEach((index, i) =>
    images.set(dataset.images.subarray(index * size, (index + 1) * size), i * size),
  );
  await write(`${part}-images`, [chosen.length, height, width], images);
  await write(
    `${part}-labels`,
    [chosen.length],
    Uint8Array.from(chosen, (index) => dataset.labels[index] ?? 0),
  );
}

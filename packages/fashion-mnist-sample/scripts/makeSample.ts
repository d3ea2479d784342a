// Creates files/*.idx.gz from the full Fashion-MNIST: the first images of each class in file order, cycling through the classes.
// Nothing is random, so anyone with the full dataset can recreate the same sample:
//   node --conditions=@isonet/source --import tsx packages/fashion-mnist-sample/scripts/makeSample.ts [FOLDER]
// FOLDER holds the four original files; by default, the loader looks for them. Prints the digests that README.md lists.
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { encodeIdx, type ImageDataset, loadFashionMnist } from '../../data/src/index.ts';

const PER_CLASS = { train: 800, test: 100 } as const;
const target = fileURLToPath(new URL('../files', import.meta.url));

/** Returns the indices of the first images of each class. Position i holds image floor(i / classes) of class i % classes. */
function firstOfEachClass(dataset: ImageDataset, perClass: number): number[] {
  const byClass = dataset.classes.map((): number[] => []);
  dataset.labels.forEach((label, index) => byClass[label]?.push(index));
  return Array.from({ length: perClass * byClass.length }, (_, i) => {
    const index = byClass[i % byClass.length]?.[Math.floor(i / byClass.length)];
    if (index === undefined) throw new Error(`${dataset.name}: fewer than ${perClass} images of some class`);
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
// The loader may fall back to the sample itself, which must not become the source of a new sample.
if (data.source.kind === 'sample')
  throw new Error('Fashion-MNIST not found: run `apt install dataset-fashion-mnist`, or pass its folder');
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

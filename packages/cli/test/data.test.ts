// Tests isonet data: its report on an image folder as text, as JSON and as a page.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { World } from './helpers.ts';
import { makeWorld } from './helpers.ts';

async function picture(r: number, g: number, b: number, width = 4, height = 2): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
}

/** A folder with red and blue images, among them duplicates, a damaged file, and dark ink on transparent pixels. */
async function worldWithPictures(): Promise<World> {
  const world = await makeWorld();
  const blue = await picture(0, 0, 255, 10, 30);
  const files = {
    'red/1.png': await picture(255, 0, 0),
    'red/2.png': await picture(251, 0, 0),
    'red/3.png': await picture(249, 0, 0),
    'red/<b>.png': blue,
    'blue/1.png': blue,
    'blue/2.png': await sharp(blue).png({ compressionLevel: 0 }).toBuffer(),
    'blue/cut.jpg': 'no picture',
    'red/ink.png': await readFile(
      fileURLToPath(new URL('../../data/test/fixtures/ink.png', import.meta.url)),
    ),
    'red/notes.txt': '',
  };
  for (const [path, contents] of Object.entries(files)) {
    const file = join(world.cwd, 'pictures', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
  }
  return world;
}

describe('isonet data', () => {
  it('prints a report with the problems of the folder', async () => {
    const world = await worldWithPictures();
    const { code, stdout, stderr } = await world.run('data', 'pictures');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // The red values of the seven images are 255, 251, 249, 0, 0, 0, 0: mean 755/255/7, mean square 190027/255^2/7. The
    // grey values are 76, 75, 74, 29, 29, 29, 0.
    const cut = join(world.cwd, 'pictures', 'blue', 'cut.jpg');
    expect(stdout.replace(/\(Input [^)]*\); .*/, '(...)')).toBe(`data: 7 images of 2 classes in pictures
class  images  unreadable
blue        2           1
red         5           0
width:     4 to 28 pixels, median 10
height:    2 to 30 pixels, median 28
formats:   7 png
channels:  6 colour, 1 colour and alpha; 1 colour file with only grey pixels
levels:    --normalize 0.423,0,0.4286/0.4884,0.0001,0.4949 (colour)
           --normalize 0.1748/0.1099 (grey)
unreadable: 1 image
  image "${cut}": cannot be decoded (...)
identical files: 1 group
  blue/1.png = red/<b>.png (in different classes: one of the labels is wrong)
identical pixels: 1 group
  blue/1.png = blue/2.png = red/<b>.png (in different classes: one of the labels is wrong)
dark ink on transparent pixels, blank on a black background (try --invert): 1 image
  red/ink.png
ignored: 1 file without an image extension (1 .txt); supported: .png, .jpg, .jpeg, .webp, .gif, .tif, .tiff, .avif
`);
  });

  it.each([
    [{ 'a/1.png': 1 }, '"a" is the only class; add a folder for each other class'],
    [
      { 'a/1.png': 1, 'a/2.png': 2, 'b/1.png': 3 },
      '"b": each class needs at least 2 images; add some or remove its folder',
    ],
    [
      { 'a/1.png': 1, 'b/notes.txt': 2, 'c/notes.txt': 3 },
      '"a", and 2 other classes: each class needs at least 2 images; add some or remove its folder',
    ],
    [
      { 'train/a/1.png': 1, 'train/b/1.png': 2, 'test/b/2.png': 3, 'test/c/1.png': 4 },
      '"c": each class needs at least 1 training image; add some or remove its folder',
    ],
  ])('explains for %j why no network can be trained on it', async (files, reason) => {
    const world = await makeWorld();
    for (const [path, level] of Object.entries(files)) {
      const file = join(world.cwd, 'few', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await picture(level, 0, 0));
    }
    const { code, stdout } = await world.run('data', 'few');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toContain(`not enough to train on: ${reason}`);
  });

  it('prints the same as JSON', async () => {
    const world = await worldWithPictures();
    const { stdout } = await world.run('data', 'pictures', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      folder: 'pictures',
      pictures: 7,
      classes: [
        { name: 'blue', pictures: 2, unreadable: 1 },
        { name: 'red', pictures: 5, unreadable: 0 },
      ],
      width: { min: 4, median: 10, max: 28 },
      grey: 1,
      unreadable: [{ path: 'blue/cut.jpg', className: 'blue' }],
      duplicates: { files: [{ acrossClasses: true }], pixels: [{ paths: { length: 3 } }] },
    });
    expect(stdout).not.toContain('thumbnails');
  });

  it('writes a self-contained page with thumbnails, and does not replace an existing file', async () => {
    const world = await worldWithPictures();
    const outcome = await world.run('data', 'pictures', '--html', 'sheet.html');
    expect(outcome.stdout).toMatch(/\nsheet\.html is the contact sheet: open it in a browser\n$/);
    const page = await readFile(join(world.cwd, 'sheet.html'), 'utf8');
    expect(page.match(/<img src="data:image\/jpeg;base64,/g)).toHaveLength(7);
    expect(page).toContain('&lt;b&gt;.png');
    expect(page).not.toMatch(/<b>|<script|https?:/);
    expect(page).toContain('Unreadable');
    expect(page).toContain('width:     4 to 28 pixels, median 10\nheight:');
    const again = await world.run('data', 'pictures', '--html', 'sheet.html');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(
      /^error: "sheet\.html" already exists: choose another file, or pass --force\n$/,
    );
    expect((await world.run('data', 'pictures', '--html', 'sheet.html', '--force')).code).toBe(0);
  });

  it('accepts a manifest with parts, and reports images in two of them', async () => {
    const world = await worldWithPictures();
    await writeFile(
      join(world.cwd, 'list.csv'),
      'path,label,split\nred/1.png,warm,train\nblue/1.png,cold,train\nred/<b>.png,cold,test\n',
    );
    const { stdout } = await world.run('data', 'pictures', '--manifest', 'list.csv');
    expect(stdout).toContain(
      'class  images  train  test\ncold        2      1     1\nwarm        1      1     0\n',
    );
    expect(stdout).toContain('  blue/1.png = red/<b>.png (in both the training and a held-out part)\n');
  });

  it('reports classes of very different sizes', async () => {
    const world = await makeWorld();
    for (const path of ['a/1', 'a/2', 'a/3', 'b/1']) {
      await mkdir(dirname(join(world.cwd, 'p', path)), { recursive: true });
      await writeFile(join(world.cwd, 'p', `${path}.png`), await picture(1, 2, Number(path.at(-1))));
    }
    expect((await world.run('data', 'p')).stdout).toContain(
      '"a" has 3 images, "b" has 1 image: accuracy hides',
    );
  });

  it('also accepts IDX files', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.run('data', 'data', '--html', 'sheet.html');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^data: 34 images of 10 classes in data\nclass +images  train  test\nT-shirt\/top +\d+ +\d+ +1\n/,
    );
    expect(stdout).toContain('width:     28 pixels\n');
    expect(stdout).toContain('formats:   34 idx\nchannels:  34 grey\n');
    const page = await readFile(join(world.cwd, 'sheet.html'), 'utf8');
    expect(page.match(/<img /g)).toHaveLength(34);
  });

  it('reports a missing, an empty and an unnamed folder', async () => {
    const world = await makeWorld();
    await mkdir(join(world.cwd, 'empty'));
    expect(await world.run('data', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: images in ".*nothing": no such folder/) as string,
    });
    expect((await world.run('data', 'empty')).stderr).toMatch(/expected one folder of images per class/);
    expect(await world.run('data')).toMatchObject({ code: 2 });
  });
});

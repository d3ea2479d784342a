// Tests listing image folders: classes, parts, manifests and other files.
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listImageFolder } from '@isonet/data';
import { describe, expect, test } from 'vitest';
import { dataError, tempFolder } from '../helpers.ts';
import { folderWith } from './helpers.ts';

async function paths(folder: string, manifest?: string): Promise<readonly string[]> {
  const { classes, pictures } = await listImageFolder(folder, manifest);
  return pictures.map(
    ({ path, label, part }) => `${path} ${classes[label]}${part === undefined ? '' : ` ${part}`}`,
  );
}

describe('folders named as classes', () => {
  test('are sorted by the bytes of their names in NFC, independently of the disk', async () => {
    const decomposed = 'e\u0301te\u0301';
    const folder = await folderWith({
      'b/2.png': '',
      'b/10.JPG': '',
      'Z/1.png': '',
      [`${decomposed}/a.png`]: '',
      'z/deep/er/x.webp': '',
    });
    const { classes } = await listImageFolder(folder);
    expect(classes).toEqual(['Z', 'b', 'z', '\u00e9t\u00e9']);
    expect(await paths(folder)).toEqual([
      'Z/1.png Z',
      'b/10.JPG b',
      'b/2.png b',
      'z/deep/er/x.webp z',
      '\u00e9t\u00e9/a.png \u00e9t\u00e9',
    ]);
  });

  test('ignore and report hidden files, other files and images outside class folders', async () => {
    const folder = await folderWith({
      'a/1.png': '',
      'a/.DS_Store': '',
      'a/._1.png': '',
      'a/Thumbs.db': '',
      'a/readme.txt': '',
      'a/old.bmp': '',
      'a/older.BMP': '',
      '.git/x.png': '',
      'b/1.avif': '',
      'loose.png': '',
      'notes.md': '',
    });
    const { notes } = await listImageFolder(folder);
    expect(await paths(folder)).toEqual(['a/1.png a', 'b/1.avif b']);
    expect(notes).toEqual([
      `ignored: 1 image directly in ${folder}, outside any class folder`,
      'ignored: 3 files without an image extension (2 .bmp, 1 .txt); supported: .png, .jpg, .jpeg, .webp, .gif, .tif, .tiff, .avif',
      'ignored: 4 hidden files',
    ]);
  });

  test('follow links, except circular and broken ones', async () => {
    const folder = await folderWith({ 'a/1.png': '', 'b/1.png': '' });
    const elsewhere = await folderWith({ 'x.png': '' });
    await symlink(elsewhere, join(folder, 'c'));
    await symlink(join(folder, 'a'), join(folder, 'a', 'again'));
    await symlink(join(folder, 'nothing.png'), join(folder, 'b', '2.png'));
    expect(await paths(folder)).toEqual(['a/1.png a', 'b/1.png b', 'c/x.png c']);
    expect((await listImageFolder(folder)).notes).toEqual([
      expect.stringMatching(/^ignored: 2 symbolic links, broken or circular: /),
    ]);
  });

  test('list no image twice through links back to the folder itself', async () => {
    const folder = await folderWith({ 'a/1.png': '', 'b/1.png': '' });
    await symlink('..', join(folder, 'b', 'up'));
    await symlink('.', join(folder, 'self'));
    expect(await paths(folder)).toEqual(['a/1.png a', 'b/1.png b']);
    expect((await listImageFolder(folder)).notes).toEqual([
      expect.stringMatching(/^ignored: 2 symbolic links, broken or circular: /),
    ]);
  });

  test('ignore HEIC and suggest a workaround', async () => {
    const { notes } = await listImageFolder(
      await folderWith({ 'a/1.png': '', 'a/2.HEIC': '', 'b/3.heif': '' }),
    );
    expect(notes).toEqual([
      expect.stringMatching(
        /^ignored: 2 images in HEIC, which needs? an HEVC decoder.* convert to JPEG first: sips /,
      ),
    ]);
  });

  test('include a class without images', async () => {
    const folder = await folderWith({ 'a/1.png': '', 'b/x.txt': '' });
    expect((await listImageFolder(folder)).classes).toEqual(['a', 'b']);
  });

  test.each([
    [{ '1.png': '', '2.png': '' }, 'got 2 images outside any class folder'],
    [{ 'x.txt': '' }, 'got other files'],
    [{}, 'got an empty folder'],
  ])('reject %j, which has no classes', async (files, got) => {
    const folder = await folderWith(files);
    expect(await dataError(() => listImageFolder(folder))).toBe(
      `DATA_FOLDER: images in "${folder}": expected one folder of images per class, ${got}; ` +
        'create a folder for each class, or list the files in labels.csv (path,label)',
    );
  });

  test('reject a missing folder, and a file', async () => {
    const folder = await folderWith({ 'a.png': '' });
    expect(await dataError(() => listImageFolder(join(folder, 'b')))).toMatch(
      /^DATA_MISSING: .*no such folder/,
    );
    expect(await dataError(() => listImageFolder(join(folder, 'a.png')))).toMatch(
      /^DATA_MISSING: .*got a file/,
    );
  });
});

describe('folders named as parts', () => {
  test('may be train, test and val, in upper or lower case', async () => {
    const folder = await folderWith({
      'Train/a/1.png': '',
      'Train/b/1.png': '',
      'test/a/2.png': '',
      'val/b/3.png': '',
    });
    expect(await paths(folder)).toEqual([
      'Train/a/1.png a train',
      'Train/b/1.png b train',
      'test/a/2.png a test',
      'val/b/3.png b validation',
    ]);
  });

  test('are classes if another folder is not named as a part', async () => {
    expect(await paths(await folderWith({ 'bus/1.png': '', 'train/1.png': '' }))).toEqual([
      'bus/1.png bus',
      'train/1.png train',
    ]);
  });

  test('reject a part without classes', async () => {
    const folder = await folderWith({ 'train/a/1.png': '', 'test/1.png': '' });
    expect(await dataError(() => listImageFolder(folder))).toMatch(
      /^DATA_FOLDER: images in ".*test": .*got 1 image outside any class folder/,
    );
  });
});

describe('a manifest', () => {
  const csv = async (text: string): Promise<string> => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'labels.csv'), text);
    return folder;
  };

  test('lists paths, classes and parts, with columns in any order', async () => {
    const folder = await csv(
      '\uFEFFSplit,note,label,PATH\r\ntrain,,cat,x/2.png\r\n\r\nVal,"a ""quoted"", note\r\nin lines",dog,x/10.png\r\n,,cat,"a,b.png"',
    );
    expect(await paths(folder)).toEqual([
      'a,b.png cat train',
      'x/10.png dog validation',
      'x/2.png cat train',
    ]);
  });

  test('may be outside the folder', async () => {
    const folder = await csv('path,label\n1.png,a\n');
    await mkdir(join(folder, 'pictures'));
    await rename(join(folder, 'labels.csv'), join(folder, 'other.csv'));
    expect(await paths(join(folder, 'pictures'), join(folder, 'other.csv'))).toEqual(['1.png a']);
  });

  test.each([
    ['', 'line 1: expected the names of the columns, path,label or path,label,split, got nothing'],
    ['1.png,a\n', 'line 1: .*, got 1.png,a$'],
    ['path,label\n', 'expected one line per image, got none'],
    ['path,label\n1.png\n', 'line 2: expected 2 fields, as in the first line, got 1'],
    ['path,label\n\n1.png,a,b\n', 'line 3: expected 2 fields'],
    ['path,label\n/etc/passwd,a\n', 'line 2: expected a path inside .*, got "/etc/passwd"'],
    ['path,label\nx/../../y.png,a\n', 'line 2: expected a path inside'],
    ['path,label\n..,a\n', 'line 2: expected a path inside'],
    ['path,label\n1.png, \n', 'line 2: expected a class name for 1.png'],
    [
      'path,label,split\n1.png,a,dev\n',
      'line 2: split: expected one of train, test, val, validation, got "dev"',
    ],
    ['path,label\n1.png,a\n./1.png,b\n', 'line 3: ./1.png is already listed in line 2'],
    ['path,label\n"1.png,a\n', 'line 2: expected a quote at the end of the field, got the end of the file'],
    ['path,label\n"x\ny"z,a\n', 'line 3: expected a comma or the end of the line after a field, got "z"'],
    ['path,label\nx"y,a\n', 'line 2: expected a comma'],
  ])('rejects %j', async (text, problem) => {
    const error = await dataError(async () => listImageFolder(await csv(text)));
    expect(error).toMatch(new RegExp(`^MANIFEST: manifest ".*labels.csv"[,:] ${problem}`));
    expect(error).not.toContain('\n');
  });

  test('rejects another encoding', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'labels.csv'), Buffer.from('path,label\n1.png,caf\u00e9\n', 'latin1'));
    expect(await dataError(() => listImageFolder(folder))).toMatch(/^MANIFEST: .*expected text in UTF-8/);
  });
});

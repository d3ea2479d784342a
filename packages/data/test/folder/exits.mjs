// A process that loads a folder and exits in one of several ways: exits.mjs FOLDER ENDING. workers.test.ts starts it.
const { loadImageFolder, preprocessing } = await import('@isonet/data');
const [, , path, ending] = process.argv;
const options = { preprocessing: preprocessing([3, 64, 64]), workers: 2, cacheBytes: 0 };
if (ending === 'exit') {
  // Exits while the first images are being decoded.
  void loadImageFolder(path, { ...options, onProgress: () => process.exit(7) });
} else {
  const folder = await loadImageFolder(path, options);
  if (ending === 'dispose') {
    const batch = folder.train.batch([0, 1, 2]);
    await new Promise((resolve) => setImmediate(resolve));
    await folder[Symbol.asyncDispose]();
    const codes = [batch, folder.train.batch([0])].map((promise) =>
      promise.then(
        () => 'done',
        (error) => error.code,
      ),
    );
    process.stdout.write(`${(await Promise.all(codes)).join(' ')} ${folder.notes.length}\n`);
  } else {
    process.stdout.write(`loaded ${folder.notes.length}\n`);
  }
}

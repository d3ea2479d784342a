// What `isonet train --help` says of networks of the user's own.

/** A paragraph below the options. @param title makes its head stand out */
export function ownModelHelp(title: (text: string) => string): string {
  return [
    '',
    title('A network of your own:'),
    '  A file such as ./my-net.ts. Its default export is a model,',
    '  { name, input: { name, shape }, output: { name, shape }, layer },',
    '  or a function ({ batchNorm, dropoutRate }) => model, which is given',
    '  --batch-norm and --dropout where they are typed. Its recipe is best by',
    '  default: 5 epochs in batches of 64, SGD with momentum 0.9 and weight decay',
    "  5e-4, He's initialization, and a learning rate that rises to 0.03 and falls;",
    '  fast is the same. --data is a folder with train-images-idx3-ubyte (or idx4:',
    '  with channels), train-labels-idx1-ubyte, and both with t10k for train.',
  ].join('\n');
}

// Help that several options share, and paragraphs below them.

/** Of --device. */
export const DEVICE_HELP: string =
  'a device of the backend, see isonet backends (default: its first that is not a software driver)';

/** Of --threads. */
export const THREADS_HELP: string = "threads within an operator (default: the processor's)";

/** Of --tf32. */
export const TF32_HELP: string = "round products to TF32 on NVIDIA's tensor cores: faster, less precise";

/** Of --data. */
export const DATA_HELP: string =
  "folder of pictures, with a folder for each class; of four IDX files as Fashion-MNIST's; or of CIFAR-10 or CIFAR-100 in binary form (default: Fashion-MNIST where it is found, else a sample)";

/** Of --dims. */
export const DIMS_HELP: string = 'sizes that an ONNX file leaves open, such as height=224,width=224';

/** Of --classes. */
export const CLASSES_HELP: string =
  "of an ONNX file: text file with the name of each class on a line (default: as isonet's own files say)";

/** Of --strict. */
export const STRICT_HELP: string =
  'of a folder of pictures: one that cannot be decoded is an error (default: it is left out, and counted)';

/** Of --normalize. */
export const NORMALIZE_HELP: string =
  "how values become numbers: imagenet (as torchvision's and timm's networks), unit (0 to 1), none (0 to 255) or MEAN/STD; an ONNX file needs it, unless isonet wrote it (default: unit)";

/** Of the argument of commands that take a network with weights. */
export const TRAINED_HELP: string = 'run folder, or an .onnx file';

/** Of --model, in commands that take a run. */
export const MODEL_FILE_HELP: string =
  'where the file of a network of your own is now; its code is run (default: where it was)';

/** Below the examples of `isonet completion --help`. */
export const COMPLETION_HELP: string = `

The line for your shell goes into ~/.bashrc, ~/.zshrc (after compinit) or
~/.config/fish/config.fish. It completes the command isonet; where isonet is
installed in a project alone, first: alias isonet='npx isonet'`;

/** What `isonet train --help` says of Ctrl-C. @param title makes its head stand out */
export function stopHelp(title: (text: string) => string): string {
  return [
    '',
    title('To stop it:'),
    '  One Ctrl-C, a kill or a closed terminal saves after the step in hand and exits',
    '  with 130, 143 or 129; another Ctrl-C, a second later, leaves at once.',
  ].join('\n');
}

/** What `isonet train --help` says of networks of the user's own. @param title makes its head stand out */
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
    '  with channels), train-labels-idx1-ubyte, and both with t10k for train; the',
    "  classes' names are in its classes.txt, one a line, or they are numbers.",
    '  Every command that takes a run of such a network runs the code of its file:',
    '  use only runs that you trust.',
  ].join('\n');
}

/** What `isonet train --help` says of ONNX files. @param title makes its head stand out */
export function onnxHelp(title: (text: string) => string): string {
  return [
    '',
    title('A network of an ONNX file:'),
    '  Training starts from the weights of the file, for the classes that it has:',
    '  for others, isonet finetune FILE.onnx. The run folder keeps the file. Where',
    '  the file has folded batch norm into convolutions, they train as such.',
  ].join('\n');
}

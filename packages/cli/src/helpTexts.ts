// Help texts that several commands share, and paragraphs that follow the options.

/** Help of --device. */
export const DEVICE_HELP: string =
  'device of the backend, see isonet backends (default: its first device that is not a software driver)';

/** Help of --threads. */
export const THREADS_HELP: string = "threads per operator (default: the backend's choice)";

/** Help of --tf32. */
export const TF32_HELP: string = 'compute products in TF32 on NVIDIA tensor cores: faster, less precise';

/** Help of --data. */
export const DATA_HELP: string =
  'image folder with one subfolder per class; or folder with four IDX files, named like those of Fashion-MNIST, or with CIFAR-10 or CIFAR-100 in binary form (default: Fashion-MNIST if it is found, else a sample)';

/** Help of --dims. */
export const DIMS_HELP: string =
  'sizes for the dynamic dimensions of an ONNX file, such as height=224,width=224';

/** Help of --classes. */
export const CLASSES_HELP: string =
  'for an ONNX file: text file with one class name per line (default: the names in the file, if isonet wrote it)';

/** Help of --strict. */
export const STRICT_HELP: string =
  'for an image folder: fail on a file that cannot be decoded (default: skip such files and count them)';

/** Help of --normalize. */
export const NORMALIZE_HELP: string =
  'normalization of pixel values: imagenet (for networks of torchvision and timm), unit (0 to 1), none (0 to 255) or MEAN/STD; required for an ONNX file that isonet did not write (default: unit)';

/** Help of the argument of commands that take a network with weights. */
export const TRAINED_HELP: string = 'run folder or .onnx file';

/** Help of --model, in commands that take a run. */
export const MODEL_FILE_HELP: string =
  'for a run of your own network: the current path of its file, whose code is run (default: the path at training time)';

/** The text below the examples of `isonet completion --help`. */
export const COMPLETION_HELP: string = `

Add the line for your shell to ~/.bashrc, ~/.zshrc (after compinit) or
~/.config/fish/config.fish. It completes the command isonet. If isonet is
installed only in a project, first define: alias isonet='npx isonet'`;

/** Returns the paragraph on Ctrl-C in `isonet train --help`. @param title styles its heading */
export function stopHelp(title: (text: string) => string): string {
  return [
    '',
    title('To stop it:'),
    '  Press Ctrl-C once, or use kill, or close the terminal: isonet finishes the',
    '  current step, saves the run and exits with 130, 143 or 129. A second Ctrl-C,',
    '  at least a second later, exits at once without saving.',
  ].join('\n');
}

/** Returns the paragraph on user-defined networks in `isonet train --help`. @param title styles its heading */
export function ownModelHelp(title: (text: string) => string): string {
  return [
    '',
    title('Your own network:'),
    '  Pass a file such as ./my-net.ts. Its default export is a model,',
    '  { name, input: { name, shape }, output: { name, shape }, layer },',
    '  or a function ({ batchNorm, dropoutRate }) => model, which receives the',
    '  options --batch-norm and --dropout if you set them. The default recipe is',
    '  best: 5 epochs in batches of 64, SGD with momentum 0.9 and weight decay 5e-4,',
    '  He initialization, and a learning rate that rises to 0.03 and then falls;',
    '  fast is identical. An IDX folder for --data has train-images-idx3-ubyte (or',
    '  idx4, with channels), train-labels-idx1-ubyte, and two files with t10k instead',
    '  of train. An optional classes.txt names the classes, one per line; without it,',
    '  they are numbers. Every command that uses a run of your own network runs the',
    '  code of its file: use only runs that you trust.',
  ].join('\n');
}

/** Returns the paragraph on ONNX files in `isonet train --help`. @param title styles its heading */
export function onnxHelp(title: (text: string) => string): string {
  return [
    '',
    title('The network of an ONNX file:'),
    '  Training starts from the weights in the file and keeps its classes; for other',
    '  classes, use isonet finetune FILE.onnx. The run folder keeps a copy of the',
    '  file. Convolutions into which the exporter has folded batch norm are trained',
    '  as plain convolutions.',
  ].join('\n');
}

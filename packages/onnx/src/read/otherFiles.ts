// Files that people take for ONNX files, told by their first bytes: a download that went wrong, a model in another format.

interface Known {
  /** What it is, and what to do about it. */
  readonly text: string;
  readonly at?: number;
  /** Latin-1. */
  readonly starts: string;
}

const KNOWN: readonly Known[] = [
  {
    starts: 'version https://git-lfs.github.com/spec/',
    text: 'a git-lfs pointer, which stands for the file; fetch the file with `git lfs pull`',
  },
  {
    starts: 'PK\x03\x04',
    text: "a zip archive, as PyTorch's .pt and .pth are; export the network with torch.onnx.export",
  },
  { starts: '\x80\x02', text: "a pickle, as PyTorch's .pth was; export the network with torch.onnx.export" },
  { starts: '\x89HDF', text: 'an HDF5 file, as .h5 of Keras is; convert the network with tf2onnx' },
  { starts: 'TFL3', at: 4, text: 'a TensorFlow Lite file; convert the network with tf2onnx' },
  {
    starts: 'ORTM',
    at: 4,
    text: "a file in ONNX Runtime's own format (.ort); take the .onnx file that it was made from",
  },
  { starts: '{"', at: 8, text: 'a safetensors file: weights without a network' },
  { starts: '\x1f\x8b', text: 'a gzip file; unpack it first' },
  { starts: '\x89PNG', text: 'a PNG picture' },
  { starts: '\xff\xd8\xff', text: 'a JPEG picture' },
];

/** `a PNG picture`; undefined for bytes that are nothing of these. */
export function otherFile(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file';
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(head)) {
    return 'a page in HTML or XML, as a server answers for a file that it does not have; fetch the file again';
  }
  return KNOWN.find(({ starts, at = 0 }) => head.startsWith(starts, at))?.text;
}

// Recognizes, by their first bytes, files that people mistake for ONNX files: a failed download, or a model in another
// format.

interface Known {
  /** A description of the file and, where possible, the fix. */
  readonly text: string;
  readonly at?: number;
  /** The expected bytes, as Latin-1. */
  readonly starts: string;
}

const KNOWN: readonly Known[] = [
  {
    starts: 'version https://git-lfs.github.com/spec/',
    text: 'a git-lfs pointer; fetch the file itself with `git lfs pull`',
  },
  {
    starts: 'PK\x03\x04',
    text: "a zip archive, like PyTorch's .pt and .pth files; export the network with torch.onnx.export",
  },
  {
    starts: '\x80\x02',
    text: "a pickle, like PyTorch's old .pth files; export the network with torch.onnx.export",
  },
  { starts: '\x89HDF', text: "an HDF5 file, like Keras's .h5 files; convert the network with tf2onnx" },
  { starts: 'TFL3', at: 4, text: 'a TensorFlow Lite file; convert the network with tf2onnx' },
  {
    starts: 'ORTM',
    at: 4,
    text: "a file in ONNX Runtime's own format (.ort); use the .onnx file that it was converted from",
  },
  {
    starts: '{"',
    at: 8,
    text: 'a safetensors file, which has weights but no network; export the network to ONNX',
  },
  { starts: '\x1f\x8b', text: 'a gzip file; unpack it first' },
  { starts: '\x89PNG', text: 'a PNG image' },
  { starts: '\xff\xd8\xff', text: 'a JPEG image' },
];

/** Describes the file (`a PNG image`). Returns undefined for any other bytes. */
export function otherFile(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file';
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(head)) {
    return 'an HTML or XML page, probably an error page from a server; fetch the file again';
  }
  return KNOWN.find(({ starts, at = 0 }) => head.startsWith(starts, at))?.text;
}

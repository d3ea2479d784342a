// The URLs of the sample's four files, valid from both src/ and dist/. Each URL is written out in full, so that
// bundlers recognize which file to copy.

/** `URL` if lib.dom or Node's types declare it. Compiling against this package requires neither. */
type FileUrl = typeof globalThis extends { readonly URL: { readonly prototype: infer T } }
  ? T
  : { readonly href: string };

/** The URLs of gzipped IDX files with uint8 elements: images `[n, 28, 28]`, labels `[n]`. */
export const sampleFiles: {
  readonly trainImages: FileUrl;
  readonly trainLabels: FileUrl;
  readonly testImages: FileUrl;
  readonly testLabels: FileUrl;
} = {
  trainImages: new URL('../files/train-images.idx.gz', import.meta.url),
  trainLabels: new URL('../files/train-labels.idx.gz', import.meta.url),
  testImages: new URL('../files/test-images.idx.gz', import.meta.url),
  testLabels: new URL('../files/test-labels.idx.gz', import.meta.url),
};

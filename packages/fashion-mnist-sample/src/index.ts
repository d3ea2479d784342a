// The addresses of the sample's four files, found from src/ and dist/ alike. Each is written out whole, so that a bundler sees
// which file it has to copy.

/** `URL`, where the compiler knows it: from lib.dom or from Node's types. Neither is needed to compile against this package. */
type FileUrl = typeof globalThis extends { readonly URL: { readonly prototype: infer T } }
  ? T
  : { readonly href: string };

/** Gzip over IDX, uint8: images `[n, 28, 28]`, labels `[n]`. */
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

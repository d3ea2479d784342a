// The addresses of the sample's four files, found from src/ and dist/ alike. Each is written out whole, so that a bundler sees
// which file it has to copy.

/** Gzip over IDX, uint8: images `[n, 28, 28]`, labels `[n]`. */
export const sampleFiles: {
  readonly trainImages: URL;
  readonly trainLabels: URL;
  readonly testImages: URL;
  readonly testLabels: URL;
} = {
  trainImages: new URL('../files/train-images.idx.gz', import.meta.url),
  trainLabels: new URL('../files/train-labels.idx.gz', import.meta.url),
  testImages: new URL('../files/test-images.idx.gz', import.meta.url),
  testLabels: new URL('../files/test-labels.idx.gz', import.meta.url),
};

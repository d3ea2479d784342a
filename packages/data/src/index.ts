// @isonet/data in Node: everything in browser.ts, and the modules that read files.
export * from './browser.ts';
export { type Cifar100Options, loadCifar10, loadCifar100 } from './cifar/cifarFolder.ts';
export { CIFAR100_CLASSES, CIFAR100_GROUPS, CIFAR10_CLASSES } from './cifar/names.ts';
export type { PictureChannels } from './picture/decode.ts';
export { decodeImage, decodePicture, type Picture, readImage, readPicture } from './picture/image.ts';
export { listImageFolder } from './folder/list.ts';
export type { ListedPicture, Listing, Part } from './folder/listing.ts';
export { type ImageFolder, type ImageFolderOptions, loadImageFolder } from './folder/loadImageFolder.ts';
export type { PictureDataset } from './folder/pictureDataset.ts';
export {
  type ClassReport,
  describeImageFolder,
  type DescribeOptions,
  type FolderReport,
  type Spread,
  type Thumbnail,
} from './folder/report/describe.ts';
export { describeIdxFolder } from './folder/report/describeIdx.ts';
export type { DuplicateGroup, Duplicates } from './folder/report/duplicates.ts';
export type { ScanProgress, ScanSignal, SkippedPicture } from './folder/scan.ts';
export { type HighestLabel, type IdxFolder, idxFilesText, loadIdxFolder } from './idx/idxFolder.ts';
export { MNIST_CLASSES } from './idx/published.ts';
export { readIdx, readIdxLabels } from './idx/readIdx.ts';
export { type DataFolder, isPictureFolder, loadDataFolder } from './loadDataFolder.ts';
export type { DataSource, LoadedData } from './loaded.ts';
export {
  type FashionMnist,
  type FashionMnistOptions,
  loadFashionMnist,
  loadFashionMnistSample,
} from './loadFashionMnist.ts';
export {
  fetchDataset,
  type FetchedDataset,
  type FetchedFile,
  type FetchOptions,
  type FetchProgress,
} from './fetch/fetchDataset.ts';
export { type PublishedName, publishedNames } from './fetch/published.ts';

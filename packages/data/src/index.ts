// @isonet/data in Node: all of browser.ts, and what reads files.
export * from './browser.ts';
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
export { type HighestLabel, type IdxFolder, idxFilesText, loadIdxFolder } from './idxFolder.ts';
export {
  type DataSource,
  type FashionMnist,
  type FashionMnistOptions,
  loadFashionMnist,
  loadFashionMnistSample,
} from './loadFashionMnist.ts';
export { readIdx, readIdxLabels } from './readIdx.ts';

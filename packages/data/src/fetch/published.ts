// The datasets that can be fetched: their files, sizes, checksums and mirrors. The checksums match those that the authors,
// torchvision and TensorFlow Datasets publish for the same files.
import { CIFAR100_FILES, CIFAR10_FILES } from '../cifar/cifarFolder.ts';
import { recordBytes } from '../cifar/parse.ts';

/** The names of the datasets that can be fetched. */
export type PublishedName = 'fashion-mnist' | 'mnist' | 'cifar10' | 'cifar100';

/** A file on a mirror. */
export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** A file in an archive. */
export interface Member {
  readonly name: string;
  /** Its size or, for lists of names, its maximum size. */
  readonly bytes: number;
  readonly isExact: boolean;
}

/** A dataset that can be fetched. */
export interface Published {
  readonly name: PublishedName;
  readonly title: string;
  /** The base URLs, each ending in a slash. The first one with the right file is used. */
  readonly mirrors: readonly string[];
  readonly files: readonly RemoteFile[];
  /** If the file is an archive: the folder inside it, and the files to extract. */
  readonly archive?: { readonly folder: string; readonly members: readonly Member[] };
}

function idx(sizes: readonly [string, number, string][]): readonly RemoteFile[] {
  return sizes.map(([name, bytes, sha256]) => ({ name: `${name}-ubyte.gz`, bytes, sha256 }));
}

const exact = (name: string, bytes: number): Member => ({ name, bytes, isExact: true });
const text = (name: string): Member => ({ name, bytes: 65_536, isExact: false });

/** The two addresses of Toronto's server for CIFAR. */
const TORONTO = ['https://www.cs.toronto.edu/~kriz/', 'https://cave.cs.toronto.edu/kriz/'];

export const PUBLISHED: Readonly<Record<PublishedName, Published>> = {
  'fashion-mnist': {
    name: 'fashion-mnist',
    title: 'Fashion-MNIST',
    mirrors: [
      // The authors' bucket does not support https; the checksum detects any change on the way.
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
      'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
    ],
    files: idx([
      ['train-images-idx3', 26_421_880, '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84'],
      ['train-labels-idx1', 29_515, 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845'],
      ['t10k-images-idx3', 4_422_102, '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073'],
      ['t10k-labels-idx1', 5148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'],
    ]),
  },
  mnist: {
    name: 'mnist',
    title: 'MNIST',
    mirrors: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
    files: idx([
      ['train-images-idx3', 9_912_422, '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609'],
      ['train-labels-idx1', 28_881, '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c'],
      ['t10k-images-idx3', 1_648_877, '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6'],
      ['t10k-labels-idx1', 4542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'],
    ]),
  },
  cifar10: {
    name: 'cifar10',
    title: 'CIFAR-10',
    mirrors: [...TORONTO, 'https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/'],
    files: [
      {
        name: 'cifar-10-binary.tar.gz',
        bytes: 170_052_171,
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    ],
    archive: {
      folder: CIFAR10_FILES.folder,
      members: [
        ...[...CIFAR10_FILES.train, ...CIFAR10_FILES.test].map((name) =>
          exact(name, recordBytes({ labels: 1 }, 10_000)),
        ),
        text('batches.meta.txt'),
      ],
    },
  },
  cifar100: {
    name: 'cifar100',
    title: 'CIFAR-100',
    mirrors: TORONTO,
    files: [
      {
        name: 'cifar-100-binary.tar.gz',
        bytes: 168_513_733,
        sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
      },
    ],
    archive: {
      folder: CIFAR100_FILES.folder,
      members: [
        exact('train.bin', recordBytes({ labels: 2 }, 50_000)),
        exact('test.bin', recordBytes({ labels: 2 }, 10_000)),
        text('fine_label_names.txt'),
        text('coarse_label_names.txt'),
      ],
    },
  },
};

/** The names of the datasets that can be fetched, in the order in which they are listed. */
export const publishedNames: readonly PublishedName[] = ['fashion-mnist', 'mnist', 'cifar10', 'cifar100'];

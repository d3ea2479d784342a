// A user-defined network, named by its path.
import type { ImageClassifier } from '@isonet/core';
import { dense, flatten, maxPool2d, sequential } from '@isonet/core';

const model: ImageClassifier = {
  name: 'own-net',
  input: { name: 'pictures', shape: [3, 16, 16] },
  output: { name: 'scores', shape: [4] },
  layer: sequential({ pool: maxPool2d({ kernel: 4 }), flatten: flatten(), out: dense(4) }),
};

export default model;

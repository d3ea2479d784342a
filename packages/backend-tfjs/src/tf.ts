// The library's type. It is a value that is passed along, not an import: tfjs-node brings a copy of its own, and nothing is
// loaded before a device is opened.
import type * as tfjs from '@tensorflow/tfjs';

export type Tf = typeof tfjs;

// Serves ONNX Runtime from a worker thread.
import { parentPort } from 'node:worker_threads';
import { serve } from '@isonet/core';
import { onnx } from '../../src/index.ts';

serve(onnx, parentPort);

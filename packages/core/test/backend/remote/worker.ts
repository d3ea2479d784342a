// A worker that serves the loops backend, or the reference backend if its workerData names it.
import { parentPort, workerData } from 'node:worker_threads';
import { reference } from '@isonet/backend-reference';
import { serve } from '@isonet/core';
import { loops } from './loops.ts';

serve(workerData === reference.name ? reference : loops, parentPort);

// The worker that serves the loops, or the reference backend where its data say so.
import { parentPort, workerData } from 'node:worker_threads';
import { reference } from '@isonet/backend-reference';
import { serve } from '@isonet/core';
import { loops } from './loops.ts';

serve(workerData === reference.name ? reference : loops, parentPort);

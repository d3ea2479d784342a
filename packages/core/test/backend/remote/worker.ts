// The worker that serves the loops.
import { parentPort } from 'node:worker_threads';
import { serve } from '@isonet/core';
import { loops } from './loops.ts';

serve(loops, parentPort);

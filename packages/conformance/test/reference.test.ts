// The reference against its own suite: the contract, PyTorch's numbers, and that every case is sound. (Here and not in
// backend-reference, which this package depends on.)
import { reference } from '@isonet/backend-reference';
import { describeConformance } from '../src/vitest.ts';

describeConformance(reference);

import type { ReadOp } from '../../node.ts';

export const GlobalAveragePool: ReadOp = (node) => node.op.globalAvgPool2d(node.float(0));

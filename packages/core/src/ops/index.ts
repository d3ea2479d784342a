// The table of ops: a name is an op because it stands here. A backend that forgets a primitive does not compile.

// primitives: elementwise, all inputs of one shape
export { add } from './add.ts';
export { div } from './div.ts';
export { exp } from './exp.ts';
export { greater } from './greater.ts';
export { isFinite } from './isFinite.ts';
export { log } from './log.ts';
export { max } from './max.ts';
export { mul } from './mul.ts';
export { select } from './select.ts';
export { stopGradient } from './stopGradient.ts';
export { sub } from './sub.ts';

// primitives: shape and reduction
export { broadcast } from './broadcast.ts';
export { oneHot } from './oneHot.ts';
export { reduceMax } from './reduceMax.ts';
export { reduceSum } from './reduceSum.ts';
export { reshape } from './reshape.ts';

// primitives: convolution, pooling, random numbers
export { conv2d } from './conv2d.ts';
export { conv2dGradFilter } from './conv2dGradFilter.ts';
export { conv2dGradInput } from './conv2dGradInput.ts';
export { maxPool2d } from './maxPool2d.ts';
export { maxPool2dGrad } from './maxPool2dGrad.ts';
export { randomUniform } from './randomUniform.ts';

// composites
export { biasAdd } from './biasAdd.ts';
export { dropout } from './dropout.ts';
export { globalAvgPool2d } from './globalAvgPool2d.ts';
export { relu } from './relu.ts';
export { sgdMomentumUpdate } from './sgdMomentumUpdate.ts';
export { sgdUpdate } from './sgdUpdate.ts';
export { softmaxCrossEntropy } from './softmaxCrossEntropy.ts';

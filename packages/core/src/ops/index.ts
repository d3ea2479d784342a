// The table of ops: exporting a definition here registers its name as an op. A backend that lacks a primitive
// does not compile.

// primitives: elementwise, all inputs of the same shape
export { add } from './add.ts';
export { cast } from './cast.ts';
export { div } from './div.ts';
export { equal } from './equal.ts';
export { erf } from './erf.ts';
export { exp } from './exp.ts';
export { greater } from './greater.ts';
export { isFinite } from './isFinite.ts';
export { log } from './log.ts';
export { max } from './max.ts';
export { min } from './min.ts';
export { mul } from './mul.ts';
export { select } from './select.ts';
export { sqrt } from './sqrt.ts';
export { stopGradient } from './stopGradient.ts';
export { sub } from './sub.ts';
export { tanh } from './tanh.ts';

// primitives: shape and reduction
export { argMax } from './argMax.ts';
export { broadcast } from './broadcast.ts';
export { concat } from './concat.ts';
export { oneHot } from './oneHot.ts';
export { pad } from './pad.ts';
export { reduceMax } from './reduceMax.ts';
export { reduceSum } from './reduceSum.ts';
export { reshape } from './reshape.ts';
export { slice } from './slice.ts';
export { transpose } from './transpose.ts';

// primitives: products, convolution, pooling, random numbers
export { avgPool2d } from './avgPool2d.ts';
export { avgPool2dGrad } from './avgPool2dGrad.ts';
export { conv2d } from './conv2d.ts';
export { conv2dGradFilter } from './conv2dGradFilter.ts';
export { conv2dGradInput } from './conv2dGradInput.ts';
export { matMul } from './matMul.ts';
export { maxPool2d } from './maxPool2d.ts';
export { maxPool2dGather } from './maxPool2dGather.ts';
export { maxPool2dGrad } from './maxPool2dGrad.ts';
export { randomUniform } from './randomUniform.ts';

// composites
export { adamUpdate } from './adamUpdate.ts';
export { allFinite } from './allFinite.ts';
export { batchMatMul } from './batchMatMul.ts';
export { batchNorm } from './batchNorm.ts';
export { batchNormGrad } from './batchNormGrad.ts';
export { batchNormInference } from './batchNormInference.ts';
export { biasAdd } from './biasAdd.ts';
export { clip } from './clip.ts';
export { dense } from './dense.ts';
export { dropout } from './dropout.ts';
export { gather } from './gather.ts';
export { gelu } from './gelu.ts';
export { globalAvgPool2d } from './globalAvgPool2d.ts';
export { globalNorm } from './globalNorm.ts';
export { groupNorm } from './groupNorm.ts';
export { hardSigmoid } from './hardSigmoid.ts';
export { layerNorm } from './layerNorm.ts';
export { leakyRelu } from './leakyRelu.ts';
export { logSoftmax } from './logSoftmax.ts';
export { lrn } from './lrn.ts';
export { prelu } from './prelu.ts';
export { relu } from './relu.ts';
export { reluGrad } from './reluGrad.ts';
export { sgdMomentumUpdate } from './sgdMomentumUpdate.ts';
export { sgdUpdate } from './sgdUpdate.ts';
export { sigmoid } from './sigmoid.ts';
export { sigmoidCrossEntropy } from './sigmoidCrossEntropy.ts';
export { silu } from './silu.ts';
export { softmax } from './softmax.ts';
export { softmaxCrossEntropy } from './softmaxCrossEntropy.ts';
export { upsampleNearest2d } from './upsampleNearest2d.ts';

export { convolution, convolutionInputGradient } from './convolution';
export { depthwise, depthwiseFilterGradient, depthwiseInputGradient } from './depthwise';
export { filterGradient } from './filter-gradient';
export { gemm } from './gemm';
export { pool, poolGradient } from './pool';
export { sumParts } from './sums';

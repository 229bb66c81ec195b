export { convolution, convolutionInputGradient } from './convolution';
export { filterGradient } from './filter-gradient';
export { gemm } from './gemm';
export { sumParts } from './sums';

export declare function buildSimd(): Promise<void>;

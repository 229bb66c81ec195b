export declare function findBrowser(): string | undefined;
export declare function installBrowser(): string | undefined;

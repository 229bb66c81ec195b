/** The version in package.json, put in by the build. */
declare const __NUTSHELL_VERSION__: string;

/** Finds a Chromium for the end-to-end tests: CHROMIUM_PATH, then an installed Chrome or Chromium, else Debian's package. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const known = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env.PROGRAMFILES ?? 'C:\\Program Files'}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['PROGRAMFILES(X86)'] ?? 'C:\\Program Files (x86)'}\\Google\\Chrome\\Application\\chrome.exe`,
];

/** The path of an installed browser, or undefined. */
export function findBrowser() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return existsSync(chosen) ? chosen : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...known].find((path) => existsSync(path));
}

/** Debian and its relatives: installs the chromium package (with sudo where needed), saying so. */
export function installBrowser() {
  if (process.platform !== 'linux' || spawnSync('apt-get', ['--version']).status !== 0) return undefined;
  console.error('No browser found: installing the chromium package with apt-get …');
  const prefix = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = (...words) => {
    const [command = 'apt-get', ...rest] = [...prefix, 'apt-get', ...words];
    return (
      spawnSync(command, rest, { stdio: ['inherit', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
        .status === 0
    );
  };
  return apt('update', '-q') && apt('install', '-y', '-q', '--no-install-recommends', 'chromium') ? findBrowser() : undefined;
}

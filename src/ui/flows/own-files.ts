/** Files that come with the studio, by their path from the page. All same-origin. */
import type { DroppedFile } from '../../workers/api.ts';
import { t } from '../i18n/translate.ts';

const base = import.meta.env.BASE_URL;

/** Throws SAMPLE_MISSING where the server has no such file. */
export async function get(path: string): Promise<Response> {
  const response = await fetch(base + path);
  if (response.ok) return response;
  throw Object.assign(new Error(path), {
    code: 'SAMPLE_MISSING',
    title: t('sample.missing'),
    detail: t('sample.missing.detail', { path, status: response.status }),
    hint: t('sample.missing.hint'),
    context: { path, status: response.status },
  });
}

/** A file of the studio's own, by its path from the page. */
export const fetched = async (path: string): Promise<DroppedFile> => ({
  path: path.slice(path.lastIndexOf('/') + 1),
  blob: await (await get(path)).blob(),
});

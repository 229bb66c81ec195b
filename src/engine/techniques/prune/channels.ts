/**
 * Structured pruning: whole channels go, with everything that is coupled to them (Fang et al. 2023, "DepGraph"), and a smaller dense model
 * is left: fewer parameters and less work in every file format and on every device, which zeros are not.
 */
import { defineTechnique } from '../../technique.ts';
import { type ChannelsParams, channelsParams } from './channels-params.ts';

export const pruneChannels = defineTechnique<ChannelsParams>({
  id: 'prune/channels',
  title: 'Channel pruning',
  summary: 'Removes whole channels and whatever is coupled to them: a smaller, faster model without zeros.',
  params: channelsParams,
  phase: 'structure',
  studies: true,
  supports: (slot) => slot.kind === 'kernel',
  estimate: (sketch) => sketch,
  restructure: (model, targets, params, work) => work.removeChannels(model, targets, params),
  async preview(model, targets, { training: _, ...context }, params) {
    return this.apply(model, targets, context, params);
  },
  async apply(model, targets, context, params) {
    const { pruneChannels: prune } = await import('./channels-apply.ts');
    return prune(this.id, model, targets, context, params);
  },
});

/**
 * Changes of the graph that need to know the ops. Whoever plans lends them to the techniques' records, which would otherwise load TF.js
 * for everybody who only lists them.
 */
import type { Model } from '../model/model.ts';
import { channelGraph } from '../structure/channel-graph.ts';
import { withoutUnits } from '../structure/remove.ts';
import type { Target } from '../technique.ts';
import { factorizeKernel } from './decompose/factorize.ts';
import type { LowRankParams } from './decompose/low-rank-params.ts';
import { plannedStudent } from './distill/student-graph.ts';
import type { StudentParams } from './distill/student-params.ts';
import { chooseChannels } from './prune/channel-choice.ts';
import type { ChannelsParams } from './prune/channels-params.ts';

export interface GraphWork {
  decompose(model: Model, targets: readonly Target<LowRankParams>[]): Model;
  startStudent(model: Model, targets: readonly Target<StudentParams>[]): Model;
  removeChannels(model: Model, targets: readonly Target<ChannelsParams>[], step: ChannelsParams): Model;
}

export const graphWork: GraphWork = {
  decompose: (model, targets) => targets.reduce((now, target) => factorizeKernel(now, target).model, model),
  startStudent: plannedStudent,
  removeChannels: (model, targets, step) =>
    withoutUnits(model, channelGraph(model), chooseChannels(model, targets, step).removed),
};

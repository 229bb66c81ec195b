/** What data says about channels before some of them go: what reaches their readers, for ranking and for repair, and what the loss says. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import type { ChannelGraph } from '../../structure/channel-graph.ts';
import type { Refine } from './channel-choice.ts';
import { energyOf } from './channel-importance.ts';
import { type Study, studyReaders } from './channel-study.ts';
import { taylorImportance, taylorOf } from './channel-taylor.ts';
import type { ChannelsParams } from './channels-params.ts';

export interface Evidence {
  /** Null where nothing asks for it, there is no data, or there are several inputs to fill. */
  readonly study: Study | null;
  readonly refine: Refine;
  /** What the importance wanted and did not get. */
  readonly lacks: 'data' | 'answers' | null;
}

/** Gathers what a step's importance and repair ask for. Throws DATA_*, TRAIN_MODEL, or the signal's reason. */
export async function gatherEvidence(
  model: Model,
  graph: ChannelGraph,
  context: Context,
  { importance, repair }: Pick<ChannelsParams, 'importance' | 'repair'>,
): Promise<Evidence> {
  const wantsData = importance === 'activation' || importance === 'taylor';
  const { training } = context;
  if (training === undefined || model.inputs.length !== 1) {
    return { study: null, refine: () => undefined, lacks: wantsData ? 'data' : null };
  }
  const readers = new Set(graph.axes.flatMap(({ use, role, node }) => (use === 'reads' && role === 'kernel' ? [node] : [])));
  const kind = repair === 'least-squares' ? 'covariances' : 'means';
  const studies = importance === 'activation' || repair !== 'none';
  const study = studies ? await studyReaders(model, [...readers], training, context, kind) : null;
  if (importance === 'taylor') {
    const taylor = await taylorImportance(model, graph, training, context);
    return {
      study,
      refine: (group) => (taylor === null ? undefined : taylorOf(group, taylor)),
      lacks: taylor === null ? 'answers' : null,
    };
  }
  const refine: Refine = (group) => (importance === 'activation' && study !== null ? energyOf(model, group, study) : undefined);
  return { study, refine, lacks: null };
}

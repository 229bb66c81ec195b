/**
 * The order in which candidates are tried. First a few plans spread along the path, for the chart and to enclose the goal; then bisection
 * between the last that meets it and the first that does not; then neighbours of the best plan, each accepted one becoming the new
 * best, until nothing promising is left, too many in a row failed, or all evaluations are used.
 */
import type { Context } from '../context.ts';
import { bytesIn, type LayerChoices, type Plan, pathOf } from './choices.ts';
import { neighboursOf } from './moves.ts';
import type { Measure, SearchGoal, SearchPoint, StoppedBy } from './point.ts';
import { keyOf } from './settings.ts';

interface ExploreJob {
  readonly goal: SearchGoal;
  readonly layers: readonly LayerChoices[];
  readonly evaluations: number;
  readonly measure: Measure;
  readonly context: Context;
}

interface TriedPlan {
  readonly plan: Plan;
  readonly point: SearchPoint;
}

/** Points lost beyond which still smaller plans are no use to anybody. */
const ruined = 25;
/** Plans spread along the path before bisection. */
const spread = 7;
/** Neighbours in a row that may fail before the search says that it is done. */
const patience = 14;

/** Tries candidates until a limit stops it, and names the limit. */
export async function explore(job: ExploreJob): Promise<StoppedBy['code']> {
  const { goal, evaluations } = job;
  const tried = new Map<string, TriedPlan>();
  const attempt = createAttempt(job, tried);
  const path = pathOf(job.layers).slice(1);
  const crossing = await bisect(path, attempt, goal, () => tried.size < evaluations);
  if (tried.size >= evaluations) return 'evaluations';
  const start = bestOf([...tried.values()], goal);
  if (start === null) return 'unreachable';
  if ((await improve(job, start, attempt, tried)) === 'evaluations') return 'evaluations';
  const allMeet = [...tried.values()].every(({ point }) => point.meets);
  return goal.kind === 'accuracy' && crossing === null && allMeet ? 'smallest' : 'goal';
}

type Attempt = (plan: Plan) => Promise<TriedPlan>;

/** Measures a plan once; the same settings again cost nothing. */
function createAttempt({ layers, measure, context, evaluations }: ExploreJob, tried: Map<string, TriedPlan>): Attempt {
  return async (plan) => {
    const key = planKey(plan);
    const known = tried.get(key);
    if (known !== undefined) return known;
    context.report({ stage: 'search', done: tried.size, total: evaluations });
    const result = { plan, point: await measure(layers, plan) };
    tried.set(key, result);
    return result;
  };
}

const planKey = (plan: Plan): string => plan.map(({ setting }) => keyOf(setting)).join('|');

/** Whether a plan lies on the far side of the goal: too lossy, or small enough. */
const beyond = (goal: SearchGoal, { meets }: SearchPoint): boolean => (goal.kind === 'accuracy' ? !meets : meets);

/** Where the goal is crossed: the first plan of the path beyond it, or null where there is none. */
async function bisect(path: readonly Plan[], attempt: Attempt, goal: SearchGoal, more: () => boolean): Promise<Plan | null> {
  let [low, high] = [-1, path.length];
  for (const index of spreadOver(path)) {
    if (!more()) return null;
    const { point } = await attempt(path[index] as Plan);
    // A lucky plan beyond an unlucky one must not turn the interval around.
    if (beyond(goal, point)) high = Math.min(high, index);
    else if (index < high) low = Math.max(low, index);
    if (point.dropPoints > ruined) break;
  }
  while (high - low > 1 && more()) {
    const middle = (low + high) >> 1;
    const { point } = await attempt(path[middle] as Plan);
    if (beyond(goal, point)) high = middle;
    else low = middle;
  }
  return path[high] ?? null;
}

/** Positions of plans whose sizes are evenly spread on a logarithmic scale, the smallest plan left out: it rarely answers anything. */
function spreadOver(path: readonly Plan[]): number[] {
  const sizes = path.map((plan) => Math.log(bytesIn(plan)));
  const [first = 0, last = 0] = [sizes[0], sizes.at(-1)];
  const wanted = Array.from({ length: spread }, (_, i) => first + ((last - first) * (i + 0.5)) / spread);
  const nearest = wanted.map((size) => {
    const at = sizes.findIndex((own) => own <= size);
    return at < 0 ? path.length - 1 : at;
  });
  return [...new Set(nearest)];
}

/** Whether `a` serves the goal better than `b`; both meet it. */
function better(goal: SearchGoal, a: SearchPoint, b: SearchPoint): boolean {
  if (goal.kind === 'accuracy') return a.gzip < b.gzip;
  return a.dropPoints < b.dropPoints || (a.dropPoints === b.dropPoints && a.loss < b.loss);
}

function bestOf(tried: readonly TriedPlan[], goal: SearchGoal): TriedPlan | null {
  let best: TriedPlan | null = null;
  for (const one of tried) {
    if (one.point.meets && (best === null || better(goal, one.point, best.point))) best = one;
  }
  return best;
}

async function improve(
  { goal, layers, evaluations }: ExploreJob,
  start: TriedPlan,
  attempt: Attempt,
  tried: ReadonlyMap<string, TriedPlan>,
): Promise<'evaluations' | 'settled'> {
  let best = start;
  let failures = 0;
  while (failures < patience) {
    if (tried.size >= evaluations) return 'evaluations';
    const next = promising(goal, layers, best, tried);
    if (next === null) return 'settled';
    const result = await attempt(next);
    if (result.point.meets && better(goal, result.point, best.point)) {
      best = result;
      failures = 0;
    } else failures++;
  }
  return 'settled';
}

/** Savings below this share of the file are not worth a candidate. */
const worthwhile = 0.004;

/** The untried neighbour that promises most. */
function promising(
  goal: SearchGoal,
  layers: readonly LayerChoices[],
  { plan, point }: TriedPlan,
  tried: ReadonlyMap<string, TriedPlan>,
): Plan | null {
  const room = goal.kind === 'size' ? goal.maxBytes - point.gzip : -worthwhile * point.gzip;
  const moves = neighboursOf(layers, plan).filter(({ bytes, loss }) => bytes <= room && (goal.kind === 'accuracy' || loss < 0));
  // For accuracy the least loss per byte saved; a step of a few bytes is nearly free and teaches nothing, so savings count by their root.
  const rank = goal.kind === 'size' ? (move: (typeof moves)[number]) => move.loss : priceOfMove;
  moves.sort((a, b) => rank(a) - rank(b));
  const failed = [...tried.values()].filter((one) => !one.point.meets && goal.kind === 'accuracy');
  const hopeless = (candidate: Plan): boolean =>
    failed.some((one) => candidate.every((choice, i) => atLeast(choice, one.plan[i])));
  return moves.find((move) => !tried.has(planKey(move.plan)) && !hopeless(move.plan))?.plan ?? null;
}

const priceOfMove = ({ bytes, loss }: { readonly bytes: number; readonly loss: number }): number =>
  loss <= 0 ? loss - 1 : loss / Math.sqrt(-bytes);

/** Whether a choice is at least as lossy as another of the same layer. */
function atLeast(choice: Plan[number], other: Plan[number] | undefined): boolean {
  return other !== undefined && choice.loss >= other.loss && choice.bytes <= other.bytes;
}

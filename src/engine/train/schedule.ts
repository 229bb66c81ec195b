/**
 * How the learning rate goes over a training: constant, along half a cosine to zero (Loshchilov & Hutter 2017), or divided by ten after
 * one half and after three quarters (He et al. 2016); each after a linear rise over the first steps (Goyal et al. 2017).
 */
export const schedules = ['cosine', 'constant', 'step'] as const;
export type Schedule = (typeof schedules)[number];

/** The factor of the learning rate at a step, counted from 0; `warmUp` is the share of the steps that it rises in, 0–1. */
export function rateAt(schedule: Schedule, step: number, steps: number, warmUp: number): number {
  const rising = Math.round(warmUp * steps);
  if (step < rising) return (step + 1) / rising;
  const done = (step - rising) / Math.max(steps - rising, 1);
  switch (schedule) {
    case 'constant':
      return 1;
    case 'cosine':
      // Cosines differ in their last bit from one engine to the next.
      return Math.fround((1 + Math.cos(Math.PI * done)) / 2);
    case 'step':
      return done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01;
  }
}

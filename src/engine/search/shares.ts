/** Shares of a group's channels that a table of channels tries; apart, so that the page can draw it without the engine. */
export const channelShares: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/** The studio's own icons: 16 px, drawn with one line of 1.5 px. They never stand alone without a name beside or behind them. */
const paths = {
  open: 'M2 4.5v8h12v-6.5H8L6.3 4.5H2Z',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6h7a3.75 3.75 0 0 1 0 7.5H6',
  redo: 'm10.5 3 3 3-3 3M13.5 6h-7a3.75 3.75 0 0 0 0 7.5H10',
  light:
    'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  dark: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  up: 'm4 10 4-4 4 4',
  down: 'm4 6 4 4 4-4',
  right: 'm6 4 4 4-4 4',
  arrow: 'M2.5 8h11M9.5 4l4 4-4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  download: 'M8 2.5v7.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  share: 'M8 10V2.5M5 5l3-3 3 3M3 8.5v5h10v-5',
  run: 'M4.5 2.8v10.4L13 8Z',
  stop: 'M4 4h8v8H4z',
  explain: 'M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.9M8 12.4v.2',
  check: 'm3 8.5 3.3 3.3L13 5',
  warning: 'M8 2 14.5 13.5h-13ZM8 6.5v3.3M8 11.6v.2',
  pin: 'M6 2.5h4l-.6 4.3 2.4 2.7H4.2l2.4-2.7ZM8 9.5v4.5',
  panel: 'M2 3h12v10H2zM10 3v10',
  better: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  worse: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** A hazelnut in its cap. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true" focusable="false">
      <path className="mark-nut" d="M5.4 14.6C5.6 22.4 10.8 27.6 16 30.6 21.2 27.6 26.4 22.4 26.6 14.6Z" />
      <path
        className="mark-cap"
        d="M3 12.4C3.4 6.2 9 2 16 2s12.6 4.2 13 10.4c-1.4 2.5-3.7 2.7-5.4.9-1.7 2.3-3.9 2.3-5.1.1-1 2-4 2-5 0-1.2 2.2-3.4 2.2-5.1-.1-1.7 1.8-4 1.6-5.4-.9Z"
      />
    </svg>
  );
}

// Colours and shapes of plots: apart for people who see fewer colours, and readable on white and on black.

/** Of the page, text and lines, for light pages. */
export const light = { page: '#ffffff', text: '#1f2328', quiet: '#59636e', grid: '#d8dee4' } as const;

/** The same, for dark pages. */
export const dark: Readonly<Record<keyof typeof light, string>> = {
  page: '#0d1117',
  text: '#f0f6fc',
  quiet: '#9198a1',
  grid: '#30363d',
};

/** Of candidates, in their order: Okabe and Ito's colours, the lighter ones darkened for white pages. */
export const candidateColors: readonly string[] = [
  '#0079bf',
  '#d55e00',
  '#009e73',
  '#c0649b',
  '#b07d00',
  '#3d9bd1',
  '#7f7f7f',
];

/** Of candidates, in their order: not as many as colours, so that 42 candidates differ in one or the other. */
export const candidateShapes: readonly string[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'triangle-down',
  'cross',
];

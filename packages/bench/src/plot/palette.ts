// Colours and shapes of plots, distinguishable for people with colour blindness, and readable on white and on black.

/** Colours of the background, text and lines on light pages. */
export const light = { page: '#ffffff', text: '#1f2328', quiet: '#59636e', grid: '#d8dee4' } as const;

/** The same colours on dark pages. */
export const dark: Readonly<Record<keyof typeof light, string>> = {
  page: '#0d1117',
  text: '#f0f6fc',
  quiet: '#9198a1',
  grid: '#30363d',
};

/**
 * Colours of the candidates, in their order: the Okabe-Ito palette, with its lighter colours darkened for white pages.
 */
export const candidateColors: readonly string[] = [
  '#0079bf',
  '#d55e00',
  '#009e73',
  '#c0649b',
  '#b07d00',
  '#3d9bd1',
  '#7f7f7f',
];

/** Shapes of the candidates, in their order: one fewer than there are colours, so that 42 candidates differ in colour or shape. */
export const candidateShapes: readonly string[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'triangle-down',
  'cross',
];

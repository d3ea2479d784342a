import { describe, expect, it } from 'vitest';
import { drawImage, pictureRows } from '../src/show/picture.ts';
import { clock, count, epochLine, percent } from '../src/show/text.ts';

describe('drawImage', () => {
  const pixels = Uint8Array.of(0, 255, 128, 255, 0, 255, 64, 0, 0);

  it('draws two rows of pixels per line of half blocks, the last row over black', () => {
    expect(drawImage(pixels, [3, 3], true)).toEqual([
      '\u001b[38;5;16;48;5;231m\u2580\u001b[38;5;231;48;5;16m\u2580\u001b[38;5;244;48;5;231m\u2580\u001b[0m',
      '\u001b[38;5;237;48;5;16m\u2580\u001b[38;5;16;48;5;16m\u2580\u001b[38;5;16;48;5;16m\u2580\u001b[0m',
    ]);
  });

  it('draws letters without colours, with dense ones for light pixels', () => {
    expect(drawImage(Uint8Array.of(0, 255, 0, 255, 255, 255, 255, 255), [4, 2], false)).toEqual([' @', '@@']);
  });
});

describe('pictureRows', () => {
  const picture = (mark: string): { lines: string[]; caption: string[] } => ({
    lines: [mark.repeat(4), mark.repeat(4)],
    caption: ['name too long'],
  });

  it('draws as many images side by side as fit the terminal', () => {
    expect(pictureRows(['a', 'b', 'c'].map(picture), 4, 10)).toEqual([
      'aaaa  bbbb',
      'aaaa  bbbb',
      'name  name',
      '',
      'cccc',
      'cccc',
      'name',
      '',
    ]);
  });

  it('draws one image per row if not even one fits', () => {
    expect(pictureRows(['a', 'b'].map(picture), 4, 3)).toHaveLength(8);
  });
});

describe('text', () => {
  it('formats thousands, percentages and durations', () => {
    expect(count(149_542)).toBe('149,542');
    expect(percent(0.9814)).toBe('98.1 %');
    expect([0, 65, 3729].map(clock)).toEqual(['0:00', '1:05', '1:02:09']);
  });

  it('formats an epoch as in the book', () => {
    const report = { epoch: 1, loss: 2.30112, metrics: { accuracy: 0.1384 }, seconds: 12.34 };
    expect(epochLine({ ...report, testMetrics: { accuracy: 0.188 } })).toBe(
      'epoch 1, loss 2.3011, train acc 0.138, test acc 0.188, time 12.3 sec',
    );
    expect(epochLine(report)).toBe('epoch 1, loss 2.3011, train acc 0.138, time 12.3 sec');
    const validation = { validationLoss: 0.43124, validationMetrics: { accuracy: 0.85 } };
    expect(epochLine({ ...report, ...validation })).toBe(
      'epoch 1, loss 2.3011, train acc 0.138, validation loss 0.4312, validation acc 0.850, time 12.3 sec',
    );
  });
});

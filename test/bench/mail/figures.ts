/** What a measurement finds, and the table of it. */
import { markdownTable, median, shown } from '../common/table.ts';

/** One figure, and what it should be. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** One for each run. */
  readonly measured: readonly number[];
  /** `at least` for what should be large, `below` for what should be small. */
  readonly should: 'at least' | 'below';
  readonly target?: number;
  readonly note?: string;
}

/** The outcome of one measurement. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** Mail that was lost, repeated or out of order, and words of the broker that should not have been. */
  readonly wrong: readonly string[];
}

export function best({ measured, should }: Figure): number {
  return should === 'at least' ? Math.max(...measured) : Math.min(...measured);
}

/** `yes` if the median reaches the target, `best only` if the best run alone does. */
export function reached(figure: Figure): 'yes' | 'best only' | 'no' | '' {
  if (figure.target === undefined) return '';
  if (reaches(figure, median(figure.measured))) return 'yes';
  return reaches(figure, best(figure)) ? 'best only' : 'no';
}

function reaches({ should, target = 0 }: Figure, value: number): boolean {
  return should === 'at least' ? value >= target : value < target;
}

/** The figures as a Markdown table. */
export function asMarkdown(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, unit, measured, should, target, note } = figure;
    const single = measured.length < 2;
    return [
      what,
      shown(best(figure)),
      single ? '' : shown(median(measured)),
      unit,
      target === undefined ? '' : `${should} ${shown(target)}`,
      reached(figure),
      note ?? '',
    ];
  });
  const head = ['figure', 'best', 'median', 'unit', 'target', 'reached', 'note'];
  return markdownTable(head, rows);
}

/** Draws lines on a canvas with uPlot. It sets no HTML, and styles only by objects: the page allows nothing else. */
import uPlot from 'uplot';
import type { Columns } from '../../../model/columns.ts';

/** What a chart shows, and how. */
export interface Kind {
  readonly title: string;
  readonly lines: readonly {
    readonly column: Exclude<keyof Columns, 'times'>;
    /** What is said behind a value; nothing where there is one line. */
    readonly word: string;
  }[];
  readonly shown: (value: number) => string;
  /** The marks of the scale are powers of two. */
  readonly isBytes?: boolean;
  /** The scale has marks between whole numbers. */
  readonly isFine?: boolean;
}

const SPAN_SECONDS = 600;
const HEIGHT_PX = 130;
const PADDING_PX = 8;
/** What the marks of a scale need, beside a character of the widest. */
const SCALE_PX = 14;
const CHARACTER_PX = 7;
const LEAST_MARKS_PX = 28;
const FONT = '12px system-ui, sans-serif';
/** Room above the highest value. */
const ROOM = 1.1;
/** The steps between marks that are looked right: of counts, of bytes, and of times. */
const COUNT_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const BYTE_STEPS = Array.from({ length: 44 }, (_, power) => 2 ** power);
const FINE_STEPS = [0.1, 0.2, 0.5, ...COUNT_STEPS];
/** The colours of lines, of marks and of the grid. The second line is dashed: a colour is not enough. */
const LINES = [{ colour: '--accent' }, { colour: '--warn', dash: [5, 3] }] as const;
const MARKS = '--soft';
const GRID = '--line';

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export class Plot {
  readonly #kind: Kind;
  readonly #host: HTMLElement;
  readonly #chart: uPlot;
  readonly #observer: ResizeObserver;
  #colours = new Map<string, string>();

  /** @param pointed is told the number of the sample at the pointer; undefined when it leaves */
  constructor(host: HTMLElement, kind: Kind, pointed: (index: number | undefined) => void) {
    this.#host = host;
    this.#kind = kind;
    this.#chart = new uPlot(this.#options(pointed), [[], ...kind.lines.map(() => [])], host);
    this.#observer = new ResizeObserver(() => {
      this.#chart.setSize({ width: host.clientWidth, height: HEIGHT_PX });
    });
    this.#observer.observe(host);
  }

  show(columns: Columns): void {
    const lines = this.#kind.lines.map(({ column }) => columns[column] as (number | null)[]);
    this.#chart.setData([columns.times as number[], ...lines]);
  }

  /** Takes the colours of the page anew. */
  colour(): void {
    this.#colours = new Map();
    this.#chart.redraw(false);
  }

  end(): void {
    this.#observer.disconnect();
    this.#chart.destroy();
  }

  #options(pointed: (index: number | undefined) => void): uPlot.Options {
    const { lines, shown, isBytes, isFine } = this.#kind;
    const grid = { stroke: () => this.#colourOf(GRID), width: 1 };
    const marks = { stroke: () => this.#colourOf(MARKS), font: FONT, ticks: { show: false } };
    return {
      width: this.#host.clientWidth,
      height: HEIGHT_PX,
      padding: [PADDING_PX, PADDING_PX, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: 'operate' } },
      scales: {
        x: { time: true, range: (_, __, last) => [last - SPAN_SECONDS, last] },
        y: { range: (_, __, most) => [0, most > 0 ? most * ROOM : 1] },
      },
      axes: [
        { ...marks, grid: { show: false }, size: 28, gap: 8, space: 70, values: clockMarks },
        {
          ...marks,
          grid,
          size: (_, values) => scaleWidth(values),
          gap: 6,
          space: LEAST_MARKS_PX,
          incrs: isBytes === true ? BYTE_STEPS : isFine === true ? FINE_STEPS : COUNT_STEPS,
          values: (_, values) => values.map(shown),
        },
      ],
      series: [{}, ...lines.map((_, index) => this.#line(index))],
      hooks: { setCursor: [({ cursor }) => pointed(cursor.idx ?? undefined)] },
    };
  }

  #line(index: number): uPlot.Series {
    const { colour, ...line } = LINES[index === 0 ? 0 : 1];
    return {
      ...('dash' in line ? { dash: [...line.dash] } : {}),
      stroke: () => this.#colourOf(colour),
      width: 1.5,
      points: { show: false },
    };
  }

  /** A colour of the page as a canvas understands it. */
  #colourOf(variable: string): string {
    const known = this.#colours.get(variable);
    if (known !== undefined) return known;
    this.#host.style.color = `var(${variable})`;
    const { color } = getComputedStyle(this.#host);
    this.#host.style.color = '';
    this.#colours.set(variable, color);
    return color;
  }
}

function scaleWidth(marks: readonly string[] | null): number {
  return SCALE_PX + CHARACTER_PX * Math.max(3, ...(marks ?? []).map(({ length }) => length));
}

function clockMarks(_: uPlot, values: number[]): string[] {
  return values.map((seconds) => CLOCK.format(seconds * 1000));
}

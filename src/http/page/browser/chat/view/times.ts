/** Times in the words of the reader's language. */

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const SHORT_DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** The time of the day. */
export function timeText(time: number): string {
  return TIME.format(time);
}

/** The time of today, or else the day. */
export function shortTime(time: number): string {
  return dayOf(time) === dayOf(Date.now()) ? TIME.format(time) : SHORT_DAY.format(time);
}

/** The day in full. */
export function dayText(time: number): string {
  return dayOf(time) === dayOf(Date.now()) ? 'Today' : DAY.format(time);
}

/** Whether two times are on the same day. */
export function isSameDay(a: number, b: number): boolean {
  return dayOf(a) === dayOf(b);
}

function dayOf(time: number): string {
  return new Date(time).toDateString();
}

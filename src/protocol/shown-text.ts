/** The body of a program as a text for people, of which only the beginning may be there. */

/** An escape sequence that is cut has fewer characters than this, and so has one of two halves. */
const MAX_ESCAPE = 12;

/**
 * @returns a text as it is, and any other JSON as it was written
 * @param json the body
 * @param cut whether only its beginning is there
 */
export function shownText(json: string, cut: boolean): string {
  if (!json.startsWith('"')) return json;
  for (let end = json.length; end > json.length - MAX_ESCAPE && end > 0; end--) {
    const text = parsed(cut ? `${json.slice(0, end)}"` : json);
    if (text !== undefined) return text;
  }
  return json;
}

function parsed(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

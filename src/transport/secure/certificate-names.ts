/**
 * The names that a client certificate gives its peer. A name of the broker has no colon, so no URI is one as it stands.
 * The URI `restante:bob` is the name bob.
 */
import type { X509Certificate } from 'node:crypto';

/** One name of the extension: its type, and its text, which Node writes as JSON where it has a comma or a quote. */
const ALTERNATIVE = /(URI|DNS):("(?:[^"\\]|\\.)*"|[^,"]*)/y;
/** A name of another type, whose value may be in quotes too. */
const OTHER = /[^,:]*:("(?:[^"\\]|\\.)*"|[^,"]*)/y;
const SEPARATOR = ', ';
const URI_SCHEME = 'restante:';
/** More names of one certificate are not read. */
const MAX_NAMES = 64;

/** @returns the names of type URI, then of type DNS, then the common names, in NFC, without repeats and empty ones */
export function certificateNames(certificate: X509Certificate): readonly string[] {
  const alternatives = alternativeNames(certificate.subjectAltName ?? '');
  const ofType = (type: string) => alternatives.filter((each) => each.type === type).map(({ name }) => name);
  const names = [...ofType('URI').map(nameOfUri), ...ofType('DNS'), ...commonNames(certificate)];
  return [...new Set(names.map((name) => name.normalize('NFC')))].filter((name) => name !== '').slice(0, MAX_NAMES);
}

/** @returns the URI as it is if it is none of a name; an empty text if its escapes are wrong */
function nameOfUri(uri: string): string {
  if (!uri.startsWith(URI_SCHEME)) return uri;
  try {
    return decodeURIComponent(uri.slice(URI_SCHEME.length));
  } catch {
    return '';
  }
}

/** A subject may have several common names. */
function commonNames(certificate: X509Certificate): string[] {
  const subject = certificate.toLegacyObject().subject as { readonly CN?: string | readonly string[] } | undefined;
  return [subject?.CN ?? []].flat();
}

interface Alternative {
  readonly type: string;
  readonly name: string;
}

/** Reads the extension as Node writes it. What follows a part that is none is not read. */
function alternativeNames(text: string): Alternative[] {
  const found: Alternative[] = [];
  for (let at = 0; at < text.length; ) {
    const match = matchAt(ALTERNATIVE, text, at) ?? matchAt(OTHER, text, at);
    if (match === undefined) break;
    const [whole, type = '', name = ''] = match;
    if (type === 'URI' || type === 'DNS') found.push({ type, name: unquoted(name) });
    at += whole.length;
    if (at < text.length && !text.startsWith(SEPARATOR, at)) break;
    at += SEPARATOR.length;
  }
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** @returns the text of a quoted name; an empty one, which is nobody's, if it is not well-formed */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  try {
    return String(JSON.parse(name));
  } catch {
    return '';
  }
}

/**
 * Every line the broker itself says to a peer. A notice begins with `* `, which no delivered line does.
 */
const encoder = new TextEncoder();
const MAX_SHOWN_BYTES = 256;

export type Notice =
  | { readonly kind: 'taken'; readonly name: Uint8Array }
  | { readonly kind: 'waits'; readonly name: Uint8Array }
  | { readonly kind: 'yours'; readonly name: Uint8Array; readonly waitingMessages: number }
  | { readonly kind: 'unsent'; readonly name: Uint8Array }
  | { readonly kind: 'held'; readonly name: Uint8Array }
  | { readonly kind: 'unknown'; readonly name: Uint8Array }
  | { readonly kind: 'full'; readonly name: Uint8Array }
  | { readonly kind: 'unstored'; readonly name: Uint8Array }
  | { readonly kind: 'too many names'; readonly max: number }
  | { readonly kind: 'closing'; readonly reason: string };

/** The notice as the bytes of one line, LF included. */
export function noticeLine(notice: Notice): Uint8Array {
  switch (notice.kind) {
    case 'taken':
      return about('', notice.name, ' is taken: you can send, and receive nothing');
    case 'waits':
      return about('', notice.name, ' is taken: you wait until it is free');
    case 'yours':
      return about('', notice.name, ` is yours now: ${messages(notice.waitingMessages)} waited`);
    case 'unsent':
      return about('', notice.name, ' is taken: nothing that you wrote was sent');
    case 'held':
      return about('', notice.name, ' is away: mail is held');
    case 'unknown':
      return about('', notice.name, ' is unknown: mail is dropped');
    case 'full':
      return about('the mailbox of ', notice.name, ' is full: mail is refused');
    case 'unstored':
      return about('mail for ', notice.name, ' cannot be stored now: it is refused');
    case 'too many names':
      return encoder.encode(`* line to more than ${notice.max} names: nothing of it is sent\n`);
    case 'closing':
      return encoder.encode(`* ${notice.reason}\n`);
    default:
      return notice satisfies never;
  }
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}

function about(before: string, name: Uint8Array, after: string): Uint8Array {
  return Buffer.concat([encoder.encode(`* ${before}`), shortened(name), encoder.encode(`${after}\n`)]);
}

/** A destination can be as long as a line: the notice about it need not be. Cut where a character begins. */
function shortened(name: Uint8Array): Uint8Array {
  if (name.length <= MAX_SHOWN_BYTES) return name;
  let end = MAX_SHOWN_BYTES;
  while (end > 0 && ((name[end] as number) & 0xc0) === 0x80) end--;
  return Buffer.concat([name.subarray(0, end), encoder.encode('…')]);
}

/** What the frames of a sender begin with. A frame is the plain line, whatever its sender and its reader speak. */
import { type Prefix, prefixOf } from '../shared/wire/message.ts';

const FROM = Buffer.from('from ');
const COLON_SPACE = Buffer.from(': ');

export function senderPrefix(name: Uint8Array): Prefix {
  return prefixOf(Buffer.concat([FROM, name, COLON_SPACE]));
}

/** The first part of every frame of a sender. A frame is a line of the plain protocol, whatever both peers speak. */
import { type Prefix, prefixOf } from '../shared/wire/message.ts';

const FROM = Buffer.from('from ');
const COLON_SPACE = Buffer.from(': ');

/** `from NAME: `, ready to be put into records. @param name the name of the sender */
export function senderPrefix(name: Uint8Array): Prefix {
  return prefixOf(Buffer.concat([FROM, name, COLON_SPACE]));
}

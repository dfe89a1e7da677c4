/** The plain session: a name, then lines of names and a message. */
import { ascii, each, membersOf, nameOf, type Protocol, type Shape } from './protocol.ts';

/** The plain session, for peers of this shape. */
export function restante({ connections, fan }: Shape): Protocol {
  return {
    sent: {
      heads: each(connections / fan, (group) => `${membersOf(group, fan).join(',')}: `),
      headOf: 'group',
      tail: ascii('\n'),
    },
    delivered: { heads: each(connections, (peer) => `from ${nameOf(peer)}: `), headOf: 'sender', tail: ascii('\n') },
    // What a peer says to itself comes once its name is known.
    greeting: (peer) => ascii(`${nameOf(peer)}\n${nameOf(peer)}: here\n`),
    welcome: (peer) => ascii(`from ${nameOf(peer)}: here\n`),
  };
}

/** Our JSON, by programs that do not acknowledge. */
import { ANY } from '../bytes.ts';
import { ascii, each, membersOf, nameOf, type Protocol, type Shape } from './protocol.ts';

/** Digits of a `seq`, and of a time in milliseconds. They stay as many for as long as a run takes. */
const SEQ = ANY.repeat(16);
const TIME = ANY.repeat(13);

/** Programs without acknowledgements, for peers of this shape. */
export function json({ connections, fan }: Shape): Protocol {
  const to = (group: number) => JSON.stringify(fan === 1 ? nameOf(group) : membersOf(group, fan));
  return {
    sent: {
      heads: each(connections / fan, (group) => `{"type":"send","to":${to(group)},"body":"`),
      headOf: 'group',
      tail: ascii('"}\n'),
    },
    delivered: {
      heads: each(
        connections,
        (peer) => `{"type":"message","seq":${SEQ},"from":"${nameOf(peer)}","time":${TIME},"body":"`,
      ),
      headOf: 'sender',
      tail: ascii('"}\n'),
    },
    greeting: (peer) => ascii(`{"type":"hello","v":1,"name":"${nameOf(peer)}","ack":false}\n{"type":"ping"}\n`),
    // What was said behind the hello is answered when the program has its name.
    welcome: () => ascii('{"type":"pong"}\n'),
  };
}

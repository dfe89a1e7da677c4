/**
 * RESP, version 2: SUBSCRIBE and PUBLISH. The replies to PUBLISH come to the second connection, and are not looked at.
 */
import { ascii, each, nameOf, type Protocol, type Shape, subjectOf } from './protocol.ts';

/** A command. */
export function array(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** Publish and subscribe, for peers of this shape. */
export function redis({ connections, fan, payloadBytes }: Shape): Protocol {
  const around = (word: string) => ({
    heads: each(
      connections / fan,
      (group) => `*3\r\n$${word.length}\r\n${word}\r\n$7\r\n${nameOf(group)}\r\n$${payloadBytes}\r\n`,
    ),
    headOf: 'group' as const,
    tail: ascii('\r\n'),
  });
  return {
    sent: around('PUBLISH'),
    delivered: around('message'),
    greeting: (peer) => ascii(array('SUBSCRIBE', subjectOf(peer, fan))),
    welcome: (peer) => ascii(`*3\r\n$9\r\nsubscribe\r\n$7\r\n${subjectOf(peer, fan)}\r\n:1\r\n`),
    sendsApart: true,
  };
}

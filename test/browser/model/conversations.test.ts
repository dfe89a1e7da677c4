/** The conversations of a chat, as its events make them. */
import { describe, expect, it } from 'vitest';
import {
  Conversations,
  KEPT_ENTRIES,
  keyOf,
  MAX_CONVERSATIONS,
} from '../../../src/http/page/browser/chat/model/conversations.ts';
import type { ChatEvent, SentState } from '../../../src/http/page/browser/chat/model/events.ts';

const came = (from: string, seq: number): ChatEvent => ({ kind: 'came', seq, from, text: `text ${seq}`, time: seq });
const sends = (id: string, ...to: string[]): ChatEvent => ({ kind: 'sends', id, to, text: id, time: 0 });
const state = (id: string, name: string, state: SentState): ChatEvent => ({ kind: 'state', id, name, state });

function made(...events: readonly ChatEvent[]): Conversations {
  const conversations = new Conversations();
  events.forEach((event, part) => void conversations.apply(event, part));
  return conversations;
}

const textsOf = (conversations: Conversations, key: string) => conversations.get(key)?.entries.map(({ text }) => text);

describe('conversations', () => {
  it('are by who is in them, in whatever order, and the newest comes first', () => {
    const all = made(came('bob', 1), sends('a', 'carol', 'bob'), sends('b', 'bob', 'carol'), came('bob', 2)).all;
    expect(all.map(({ key, entries }) => [key, entries.length])).toEqual([
      ['bob', 2],
      ['bob, carol', 2],
    ]);
    expect(keyOf(['b', 'a', 'b'])).toBe('a, b');
  });

  it('count what nobody has seen', () => {
    const conversations = made(came('bob', 1), came('bob', 2), came('carol', 3));
    expect(conversations.unread).toBe(3);
    conversations.apply({ kind: 'read', with: ['bob'] }, 0);
    expect([conversations.unread, conversations.get('bob')?.unread]).toEqual([1, 0]);
  });

  it('say for each name what became of a message, and a receipt is the last word', () => {
    const conversations = made(sends('a', 'bob', 'carol'));
    const entry = () => conversations.get('bob, carol')?.entries[0];
    const before = entry();
    expect(conversations.unanswered).toHaveLength(1);
    for (const event of [state('a', 'bob', 'acked'), state('a', 'bob', 'taken'), state('a', 'carol', 'held')]) {
      conversations.apply(event, 1);
    }
    expect(entry()).toMatchObject({ states: { bob: 'acked', carol: 'held' } });
    expect(entry()).not.toBe(before);
    expect(conversations.unanswered).toEqual([]);
    // Of a message or a name that is not there nothing is said.
    conversations.apply(state('b', 'bob', 'acked'), 1);
    conversations.apply(state('a', 'dave', 'acked'), 1);
    expect(entry()).toMatchObject({ states: { bob: 'acked', carol: 'held' } });
    expect([conversations.hasSent('a'), conversations.hasSent('b')]).toEqual([true, false]);
  });

  it('keep KEPT_ENTRIES each at most, the newest ones', () => {
    const conversations = new Conversations();
    conversations.apply(sends('a', 'bob'), 0);
    for (let seq = 1; seq <= KEPT_ENTRIES; seq++) conversations.apply(came('bob', seq), 0);
    const texts = textsOf(conversations, 'bob');
    expect(texts?.length).toBeLessThanOrEqual(KEPT_ENTRIES);
    expect(texts?.at(-1)).toBe(`text ${KEPT_ENTRIES}`);
    expect([conversations.hasSent('a'), conversations.unanswered]).toEqual([false, []]);
  });

  it('are MAX_CONVERSATIONS at most, and the one that is silent for longest goes', () => {
    const conversations = new Conversations();
    for (let peer = 0; peer <= MAX_CONVERSATIONS; peer++) {
      conversations.apply(came(`p${peer}`, peer), 0);
      conversations.apply(came('p0', peer), 0);
    }
    expect(conversations.all).toHaveLength(MAX_CONVERSATIONS);
    expect([conversations.get('p0') !== undefined, conversations.get('p1')]).toEqual([true, undefined]);
  });

  it('forget what the log has lost', () => {
    const conversations = made(came('bob', 1), sends('a', 'carol'), came('bob', 2), came('bob', 3));
    conversations.forgetBefore(3);
    expect([textsOf(conversations, 'bob'), conversations.get('carol')]).toEqual([['text 3'], undefined]);
    expect(conversations.hasSent('a')).toBe(false);
  });
});

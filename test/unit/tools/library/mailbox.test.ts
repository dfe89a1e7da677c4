/** A client and a mailbox that loses its connections at any time: each message is handed out once, and not lost. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Message } from '../../../../src/tools/library/core/receiving/message.ts';
import { connected, message, outcome } from './paper.ts';

const WINDOW = 4;
const MESSAGES = 12;

/** The mailbox of the broker: what is not acknowledged comes again, in order, on the next connection. */
class Mailbox {
  readonly gone = new Set<number>();
  #outstanding: number[] = [];
  #next = 1;

  /** What is sent now, at most `count` of it. */
  send(count: number): number[] {
    const sent: number[] = [];
    while (sent.length < count && this.#outstanding.length < WINDOW && this.#next <= MESSAGES) {
      const seq = this.#next++;
      if (this.gone.has(seq)) continue;
      this.#outstanding.push(seq);
      sent.push(seq);
    }
    return sent;
  }

  hear({ type, seq }: { readonly type?: unknown; readonly seq?: unknown }): void {
    if (type !== 'ack' && type !== 'reject') return;
    if (!this.#outstanding.includes(seq as number)) return;
    const settled = this.#outstanding.filter((each) => (type === 'ack' ? each <= (seq as number) : each === seq));
    for (const each of settled) this.gone.add(each);
    this.#outstanding = this.#outstanding.filter((each) => !settled.includes(each));
  }

  cut(): void {
    this.#outstanding = [];
    this.#next = 1;
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constantFrom('take' as const, 'ack' as const, 'reject' as const), count: fc.nat(3) }),
  fc.record({ kind: fc.constantFrom('cut' as const, 'cut unheard' as const), count: fc.constant(0) }),
);

it('hands out each message once, and acknowledges none that is not worked off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { client, broker, reconnect } = await connected({ window: WINDOW });
      const mailbox = new Mailbox();
      const messages = client.messages();
      const handed: number[] = [];
      const settled = new Set<number>();
      let inHand: Message[] = [];
      const hear = async () => {
        for (const words of await broker.last.heard()) mailbox.hear(words);
        for (const seq of mailbox.gone) expect(settled).toContain(seq);
      };
      const send = async (count: number) => {
        const sent = mailbox.send(count);
        if (sent.length > 0) await broker.last.say(...sent.map((seq) => message(seq)));
      };
      let taking = messages.next();
      const take = async () => {
        const taken = (await outcome(taking)) as IteratorResult<Message, undefined> | 'waiting';
        if (taken === 'waiting' || taken.value === undefined) return false;
        handed.push(taken.value.seq);
        inHand.push(taken.value);
        taking = messages.next();
        return true;
      };
      const settle = (kind: 'ack' | 'reject', at: number) => {
        const chosen = inHand[at % Math.max(1, inHand.length)];
        if (chosen === undefined) return;
        inHand = inHand.filter((each) => each !== chosen);
        settled.add(chosen.seq);
        chosen[kind]();
      };
      for (const { kind, count } of steps) {
        if (kind === 'send') await send(count);
        else if (kind === 'take') await take();
        else if (kind === 'ack' || kind === 'reject') settle(kind, count);
        else {
          // What the client has said last may be lost with the connection.
          if (kind === 'cut') await hear();
          mailbox.cut();
          await reconnect();
        }
        if (kind !== 'cut unheard' && count !== 3) await hear();
      }
      for (let round = 0; round < 3 * MESSAGES; round++) {
        await send(WINDOW);
        while (await take());
        while (inHand.length > 0) settle('ack', 0);
        await hear();
      }
      expect(mailbox.gone.size).toBe(MESSAGES);
      expect([...handed].sort((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1));
      expect(handed).toEqual([...handed].sort((a, b) => a - b));
      await client.close();
    }),
    { numRuns: 60 },
  );
});

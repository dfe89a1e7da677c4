/** The keys and values of held mail: read back the same, and read without a throw whatever the bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOffsetOf, FROM_PROGRAM, REDELIVERED } from '../../src/shared/wire/frames/frames.ts';
import { NEVER } from '../../src/shared/wire/frames/message-head.ts';
import {
  type IndexRecord,
  indexKey,
  indexValue,
  MESSAGES_RANGE,
  messageKey,
  messageRange,
  messageValue,
  NAMES_RANGE,
  nameOfIndexKey,
  nameOfSendKey,
  readIndexValue,
  readMessage,
  readMessageKey,
  readSendValue,
  SENDS_RANGE,
  sendKey,
  sendValue,
} from '../../src/store/format.ts';
import { paced } from '../helpers/pace/pace.ts';

const budget = { numRuns: 2000, interruptAfterTimeLimit: paced(2000) };

const bytes = (maxLength: number, minLength = 0) =>
  fc.uint8Array({ minLength, maxLength }).map((found) => Uint8Array.from(found));
const name = fc.oneof(bytes(8), bytes(400));
/** Numbers of a name rise for ever: past 32 bits too, and to the last that is exact. */
const number = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(40),
  fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER),
);
const word = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));

const record: fc.Arbitrary<IndexRecord> = fc
  .tuple(fc.boolean(), fc.array(number, { minLength: 3, maxLength: 3 }), fc.double(), number, word, word, word)
  .map(([present, numbers, part, total, awaySince, oldest, expiry]) => {
    const [from = 0, to = 0, next = 0] = numbers.sort((a, b) => a - b);
    const share = Number.isFinite(part) ? Math.abs(part) % 1 : 0;
    const count = Math.floor((to - from) * share);
    const firstExpiry = expiry === 0 ? NEVER : expiry;
    return { present, from, to, next: Math.max(next, 1), count, bytes: total, awaySince, oldest, firstExpiry };
  });

const line = fc
  .string({ unit: 'binary', maxLength: 20 })
  .map((text) => new Uint8Array(Buffer.from(`${text.replaceAll('\n', '')}\n`)));
const message = fc
  .tuple(line, word, fc.nat(59), name, number)
  .map(([frame, heldAt, body, owner, its]) => ({ frame, heldAt, body: body % frame.length, owner, number: its }));

/** The bytes as a store gives them: a part of a larger buffer. */
function within(value: Uint8Array): Uint8Array {
  const larger = new Uint8Array(value.length + 24).fill(0xaa);
  larger.set(value, 13);
  return larger.subarray(13, 13 + value.length);
}

/** What is done to sound bytes: some are overwritten, the end is cut off, or something is added. */
const damage = fc.record({
  bytes: fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 4 }),
  cut: fc.option(fc.nat(500), { nil: undefined }),
  more: bytes(9),
});

function damaged(value: Uint8Array, how: typeof damage extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const changed = Uint8Array.from(Buffer.concat([value.subarray(0, how.cut), how.more]));
  for (const [at, byte] of how.bytes) if (changed.length > 0) changed[at % changed.length] = byte;
  return within(changed);
}

/** Reads the bytes as everything they could be; what comes of it must keep its word. */
function readAll(key: Uint8Array, value: Uint8Array): void {
  nameOfIndexKey(key);
  const found = readIndexValue(value);
  if (found !== undefined) {
    const { next, from, to, count } = found;
    const isSound = (field: unknown) => typeof field === 'boolean' || field === NEVER || Number.isSafeInteger(field);
    expect(Object.values(found).every(isSound)).toBe(true);
    expect([next >= 1, from <= to, to <= next, count <= to - from]).toEqual([true, true, true, true]);
  }
  nameOfSendKey(key);
  readSendValue(value);
  const owner = readMessageKey(key);
  if (owner !== undefined) {
    expect(Number.isSafeInteger(owner.number)).toBe(true);
    expect(Buffer.compare(messageKey(owner.name, owner.number), key)).toBe(0);
  }
  const mail = readMessage(key, value);
  if (mail !== undefined) {
    expect(mail.number).toBe(owner?.number);
    expect(bodyOffsetOf(mail.body)).toBeLessThan(mail.frame.length);
    expect(Buffer.compare(messageValue(mail.frame, mail.heldAt, mail.body), value)).toBe(0);
  }
}

const inRange = (key: Uint8Array, { from, to }: { from: Uint8Array; to: Uint8Array }) =>
  Buffer.compare(from, key) <= 0 && Buffer.compare(key, to) < 0;

describe('a message with a kind', () => {
  const offset = 'from ann: '.length;
  const read = (text: string, kind: number) =>
    readMessage(messageKey(Buffer.from('bob'), 7), messageValue(Buffer.from(`from ann: ${text}\n`), 0, offset + kind));

  it.each([
    ['"time":1,\t"hi"', FROM_PROGRAM],
    ['"id":"m","time":1,\t{"a":1}', FROM_PROGRAM | REDELIVERED],
    ['hi', REDELIVERED],
  ])('%j %i is read', (text, kind) => {
    expect(read(text, kind)?.body).toBe(offset + kind);
  });

  it.each([
    ['hi', FROM_PROGRAM],
    ['"time":1,"hi"', FROM_PROGRAM],
    ['"time":1,\thi', FROM_PROGRAM],
    ['"time":1}{,\t"hi"', FROM_PROGRAM],
    ['hi', 2 ** 24],
    ['hi', 2 ** 31],
  ])('%j %i is damaged', (text, kind) => {
    expect(read(text, kind)).toBeUndefined();
  });
});

describe('what is written', () => {
  it('as an index record is read back the same', () => {
    fc.assert(
      fc.property(name, record, (owner, value) => {
        const key = within(indexKey(owner));
        expect(nameOfIndexKey(key)).toEqual(Uint8Array.from(owner));
        expect(readIndexValue(within(indexValue(value)))).toEqual(value);
        expect(inRange(key, NAMES_RANGE)).toBe(true);
        expect(readMessageKey(key)).toBeUndefined();
      }),
      budget,
    );
  });

  it('as a recent send is read back the same', () => {
    fc.assert(
      fc.property(name, bytes(40, 1), word, (owner, said, heldAt) => {
        const key = within(sendKey(owner, said));
        expect(nameOfSendKey(key)).toEqual(Uint8Array.from(owner));
        expect(readSendValue(within(sendValue(heldAt)))).toBe(heldAt);
        expect(inRange(key, SENDS_RANGE)).toBe(true);
        expect([readMessageKey(key), nameOfIndexKey(key)]).toEqual([undefined, undefined]);
      }),
      budget,
    );
  });

  it('as a message is read back the same', () => {
    fc.assert(
      fc.property(message, ({ frame, heldAt, body, owner, number: its }) => {
        const key = within(messageKey(owner, its));
        const found = readMessageKey(key);
        expect([found?.number, Buffer.from(found?.name ?? []).equals(owner)]).toEqual([its, true]);
        const mail = readMessage(key, within(messageValue(frame, heldAt, body)));
        expect({ ...mail, frame: Uint8Array.from(mail?.frame ?? []) }).toEqual({
          number: its,
          heldAt,
          body,
          frame,
          expiry: NEVER,
        });
        expect(inRange(key, MESSAGES_RANGE)).toBe(true);
        expect(nameOfIndexKey(key)).toBeUndefined();
      }),
      budget,
    );
  });
});

describe('the keys of messages', () => {
  it('are in the order of their numbers, and in the range of their name alone', () => {
    fc.assert(
      fc.property(name, name, number, number, (owner, other, a, b) => {
        expect(Math.sign(Buffer.compare(messageKey(owner, a), messageKey(owner, b)))).toBe(Math.sign(a - b));
        const range = messageRange(owner, Math.min(a, b), Math.max(a, b));
        expect(inRange(messageKey(owner, a), range)).toBe(a < b);
        if (Buffer.compare(owner, other) !== 0) expect(inRange(messageKey(other, a), range)).toBe(false);
      }),
      budget,
    );
  });
});

describe('any bytes', () => {
  it('are read without a throw', () => {
    const anyKey = fc
      .tuple(fc.constantFrom(0x6d, 0x6e, 0x76, 0), bytes(20))
      .map(([first, rest]) => Uint8Array.from([first, ...rest]));
    fc.assert(
      fc.property(fc.oneof(bytes(30), anyKey), fc.oneof(bytes(60), bytes(52, 52)), (key, value) => {
        readAll(within(key), within(value));
      }),
      budget,
    );
  });

  it('that were an index record are read without a throw', () => {
    fc.assert(
      fc.property(name, record, damage, damage, (owner, value, ofKey, ofValue) => {
        readAll(damaged(indexKey(owner), ofKey), damaged(indexValue(value), { ...ofValue, more: new Uint8Array() }));
      }),
      budget,
    );
  });

  it('that were a message are read without a throw', () => {
    fc.assert(
      fc.property(message, damage, damage, ({ frame, heldAt, body, owner, number: its }, ofKey, ofValue) => {
        readAll(damaged(messageKey(owner, its), ofKey), damaged(messageValue(frame, heldAt, body), ofValue));
      }),
      budget,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { Arena } from '../../../../src/shared/memory/arena.ts';
import { PIECE_BYTES, PieceBuffers } from '../../../../src/shared/memory/piece-buffers.ts';

const LENGTH = 2_000;
const FROM = 100;

/** Two places, and the arena they are in, with text to copy. */
function scene() {
  const arena = new Arena(4 * PIECE_BYTES);
  const text = Buffer.from(arena.memory.buffer, arena.allocate(PIECE_BYTES), PIECE_BYTES).fill('some text ');
  const places = new PieceBuffers(arena.memory, arena.allocate(2 * PIECE_BYTES), 2);
  const expected = text.toString('latin1', FROM, FROM + LENGTH);
  const isInArena = (piece: Uint8Array) => piece.buffer === arena.memory.buffer;
  return { places, text, expected, isInArena };
}

const textOf = (piece: Uint8Array) => Buffer.from(piece.subarray(0, LENGTH)).toString('latin1');

describe('a piece that is kept', () => {
  it('is copied to a place in the arena, and elsewhere when all are taken', () => {
    const { places, text, expected, isInArena } = scene();
    const pieces = [1, 2, 3].map(() => places.copy(text, FROM, LENGTH));
    text.fill('x');
    expect(pieces.map(textOf)).toEqual([expected, expected, expected]);
    expect([pieces.map(isInArena), places.freeCount]).toEqual([[true, true, false], 0]);
    for (const piece of pieces) places.give(piece);
    expect(places.freeCount).toBe(2);
  });

  it('takes no place if it is short, or longer than one', () => {
    const { places, text, isInArena } = scene();
    const long = Buffer.alloc(PIECE_BYTES + 1, 'a');
    const pieces = [places.copy(text, 0, 1_023), places.copy(long, 0, long.length), places.copy(text, 0, 0)];
    expect([pieces.map(isInArena), places.freeCount]).toEqual([[false, false, false], 2]);
    expect(isInArena(places.copy(text, 0, PIECE_BYTES))).toBe(true);
  });
});

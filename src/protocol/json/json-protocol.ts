/** The protocol of programs: one JSON object a line. Plain peers and programs are peers of one another. */
import { randomBytes } from 'node:crypto';
import type { Placement } from '../../router/placement.ts';
import type { Config } from '../../shared/common/config.ts';
import type { Memory } from '../../shared/memory/memory.ts';
import type { PieceBuffers } from '../../shared/memory/piece-buffers.ts';
import { LineDestinations } from '../plain/line-destinations.ts';
import type { ProgramProtocol } from '../protocol.ts';
import { type Clocks, JsonDecoder, type JsonSettings } from './decoder.ts';
import { JsonEncoder } from './encoder.ts';
import { JsonText } from './json-text.ts';
import { ProgramLine } from './program-line.ts';
import { MAX_WINDOW_MESSAGES } from './requests.ts';
import { SimpleSend } from './simple-send.ts';

type JsonConfig = Pick<
  Config,
  'MAX_NAME_BYTES' | 'MAX_LINE_BYTES' | 'MAX_DESTINATIONS' | 'STRICT' | 'PING_SECONDS' | 'HOLD_SECONDS'
>;

const WALL_CLOCK: Clocks = { now: Date.now, mailSeconds: () => Date.now() / 1000 };
const NAMELESS_BYTES = 9;

/** The protocol of programs, with the settings that it depends on. */
export class JsonProtocol implements ProgramProtocol {
  readonly #pingSeconds: number;
  readonly #settings: JsonSettings;
  readonly #text = new JsonText();

  constructor(config: JsonConfig, placement: Placement, clocks: Clocks = WALL_CLOCK, nameless = randomName) {
    const { MAX_NAME_BYTES: maxNameBytes, MAX_LINE_BYTES: maxLineBytes, MAX_DESTINATIONS: maxNames } = config;
    this.#pingSeconds = config.PING_SECONDS;
    this.#settings = {
      maxNameBytes,
      maxLineBytes,
      maxNames,
      strict: config.STRICT === 'on',
      addresses: new LineDestinations(placement, maxNames),
      line: new ProgramLine(),
      simple: new SimpleSend(),
      holdSeconds: config.HOLD_SECONDS,
      clocks,
      nameless,
    };
  }

  decoder(memory: Memory, places: PieceBuffers): JsonDecoder {
    return new JsonDecoder(this.#settings, memory, places);
  }

  encoder(): JsonEncoder {
    const { maxLineBytes: line, maxNames: destinations } = this.#settings;
    const limits = { line, destinations, window: MAX_WINDOW_MESSAGES };
    return new JsonEncoder(this.#text, { ping: this.#pingSeconds, limits });
  }
}

/** A name that is not remembered, because it begins with a tilde. */
function randomName(): string {
  return `~${randomBytes(NAMELESS_BYTES).toString('base64url')}`;
}

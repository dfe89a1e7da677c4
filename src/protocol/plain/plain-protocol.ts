/** The plain protocol: lines of text, which a person can type into nc. Mail is written as the frames are. */
import type { Placement } from '../../router/placement.ts';
import type { Config } from '../../shared/common/config.ts';
import type { Memory } from '../../shared/memory/memory.ts';
import type { PieceBuffers } from '../../shared/memory/piece-buffers.ts';
import { FROM_PROGRAM } from '../../shared/wire/frames/frames.ts';
import { noticeLine } from '../notice-line.ts';
import { plainFrames } from '../program-text.ts';
import type { Decoder, Encoder, Protocol } from '../protocol.ts';
import { StrictLine } from '../strict/strict-line.ts';
import { isQuit } from './commands.ts';
import { PlainDecoder, type PlainSettings } from './decoder.ts';
import { LineDestinations } from './line-destinations.ts';

type PlainConfig = Pick<Config, 'MAX_NAME_BYTES' | 'MAX_LINE_BYTES' | 'MAX_DESTINATIONS' | 'NOTICES' | 'STRICT'>;

/** The plain protocol, with the settings that it depends on. */
export class PlainProtocol implements Protocol {
  readonly encoder: Encoder = {
    notice: noticeLine,
    encodes: (kinds) => (kinds & FROM_PROGRAM) !== 0,
    encode: plainFrames,
  };
  readonly #settings: PlainSettings;

  constructor(config: PlainConfig, placement: Placement) {
    const { MAX_NAME_BYTES: maxNameBytes, MAX_LINE_BYTES: maxLineBytes, MAX_DESTINATIONS: maxNames } = config;
    this.#settings = {
      maxNameBytes,
      maxLineBytes,
      maxNames,
      takesCommands: config.NOTICES === 'on',
      strict: config.STRICT === 'on' ? new StrictLine(maxLineBytes, maxNameBytes) : undefined,
      addresses: new LineDestinations(placement, maxNames),
    };
  }

  decoder(memory: Memory, places: PieceBuffers): Decoder {
    return new PlainDecoder(this.#settings, memory, places);
  }

  isQuit(bytes: Buffer, length: number): boolean {
    return this.#settings.takesCommands && isQuit(bytes, length);
  }
}

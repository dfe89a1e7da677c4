/** What the peers of a simulated life do: they come, write lines, say what becomes of messages, and end their sides. */
import type { SimPeer } from '../world/peer.ts';
import { READ_BYTES, type World } from '../world/world.ts';
import type { Chance } from './chance.ts';
import { MAX_PEERS } from './settings.ts';
import type { Talk } from './talk.ts';

export interface PeersOptions {
  readonly chance: Chance;
  readonly talk: Talk;
  /** Whether some peers are programs, which acknowledge. */
  readonly mayAck: boolean;
  /** Whether some peers take their name over from who has it. */
  readonly mayProve: boolean;
  readonly world: () => World;
  /** Whether mail is held for a name. */
  readonly holdsFor: (name: string) => boolean;
}

export class Peers {
  readonly #options: PeersOptions;
  readonly #chance: Chance;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#chance = options.chance;
  }

  /** A peer connects, perhaps only to fetch its mail. */
  comes(): void {
    if (this.#options.world().sessions.size >= MAX_PEERS) return;
    const peer = this.connect(this.#chance.of(this.#options.talk.names));
    if (this.#chance.once(3)) this.endStream(peer);
  }

  connect(name: string, mayAck = true): SimPeer {
    const program = mayAck && this.#options.mayAck && !this.#chance.once(3);
    const proven = this.#options.mayProve && this.#chance.once(2);
    const window = program ? this.#chance.of([1, 2, 5, 100]) : undefined;
    const peer = this.#options.world().connect(name, window, proven);
    peer.socket.mood = this.#chance.once(3) ? 'blocks' : 'takes';
    return peer;
  }

  /** A random peer does something. */
  one(does: (peer: SimPeer) => void, may: (peer: SimPeer) => boolean = () => true): void {
    const peers = [...this.#options.world().peers()].filter((peer) => !peer.left && may(peer));
    if (peers.length > 0) does(this.#chance.of(peers));
  }

  /** A random peer writes lines, if it has not ended its side. */
  send(): void {
    const chance = this.#chance;
    this.one(
      (peer) => {
        for (let lines = chance.int(1, 3); lines > 0; lines--) {
          const line = this.#line(peer);
          if (line !== undefined) peer.writes(`${line}${chance.once(4) ? '\r' : ''}\n`);
        }
        // This may be read together with a line that must wait for its shard.
        if (chance.once(3)) this.#acks(peer);
      },
      (peer) => !peer.streamEnded && !peer.cutShort,
    );
  }

  /** A random program acknowledges a message that it has got, and all before it. */
  ack(): void {
    this.one((peer) => this.#acks(peer), isProgram);
  }

  #acks(peer: SimPeer): void {
    peer.says((program) => program.acks((numbers) => this.#chance.of(numbers)));
  }

  /** A random program rejects a message that it has got. */
  reject(): void {
    this.one((peer) => peer.says((program) => program.rejects()), isProgram);
  }

  /** The connection of a random peer breaks, perhaps just after the broker has read what a program acknowledges. */
  breaks(how: (peer: SimPeer) => void): void {
    if (this.#chance.once(2)) {
      this.one(how);
      return;
    }
    this.one((peer) => {
      while (peer.socket.arrive(READ_BYTES));
      // While a line waits for its shard, or for the next turn, what was read with it waits too.
      const line = this.#line(peer);
      if (line !== undefined) peer.writes(`${line}\n`);
      this.#acks(peer);
      peer.socket.arrive(READ_BYTES);
      how(peer);
    }, hasMore);
  }

  /** A program rejects a message and is heard, but its shard, which is about to crash, has not heard of it yet. */
  rejectUnheard(shard: number): void {
    const mayReject = (peer: SimPeer) => hasMore(peer) && peer.session.shard === shard;
    this.one((peer) => {
      peer.says((program) => program.rejects());
      while (peer.socket.arrive(READ_BYTES));
      this.#options.world().endTurn();
    }, mayReject);
  }

  /** A peer ends its side, perhaps after a last line without a line end. */
  endStream(peer: SimPeer): void {
    const line = this.#chance.once(2) ? this.#line(peer) : undefined;
    if (line !== undefined) peer.writes(line);
    peer.endStream();
  }

  /** A line for the peer to send; undefined if it cannot send one now. */
  #line(peer: SimPeer): string | undefined {
    // Refused mail is counted elsewhere.
    if (peer.streamEnded || this.#options.world().disk.takesNothing) return undefined;
    return this.#options.talk.line(peer, this.#options.holdsFor);
  }
}

/** Whether it is a program that can say what becomes of a message. */
function hasMore(peer: SimPeer): boolean {
  return isProgram(peer) && peer.program?.hasMore === true;
}

function isProgram({ program, streamEnded }: SimPeer): boolean {
  return program !== undefined && !streamEnded;
}

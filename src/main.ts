/**
 * The broker's entry: from here on signals are heard, and only then the program is loaded, program.ts. Where a message
 * travels, file by file:
 *
 *   listener.ts  accepts a connection, or tells it why not; socket.ts is what of a socket only its handle gives
 *   server.ts    gives it a number, and stops all in stages
 *   session.ts   reads its bytes; line-reader.ts cuts them into lines, lines.ts a line into destinations and message;
 *                claim.ts is what its shard has said of its name, and gate.ts keeps what it reads before; first-line.ts
 *                and strict-line.ts let pass only what deceives nobody, commands.ts knows what is asked of the broker
 *   router.ts    finds the shard of each destination by channel/hash.ts; lists.ts knows the lists that came before
 *   outbox.ts    gathers records for a shard in one batch (channel/), posts it, and holds senders back
 *   shards.ts    the threads, their ports, their supervisor
 *   ../workers/  broker.ts is a shard's thread, shard.ts decides: deliver now, hold, or drop; waiting.ts knows who waits
 *                for a name that is taken; mailroom.ts has the mail
 *                that waits, journal.ts writes it to the store in groups, tail-reader.ts reads it when its peer is there,
 *                recovery.ts finds it after a start
 *   writer.ts    the one exit to a socket; gives back what it could not write
 *
 * What is read, posted and written lies in one memory that the threads share: memory-plan.ts says what of it is for
 * what, channel/lending.ts whose each buffer is, write-slabs.ts where bytes lie while they are written.
 *
 * Beside the way: notices.ts is all that the broker itself says, answers.ts what comes of a command, presence.ts who is
 * here; turns.ts and turn-share.ts give each session its share of a turn; store-keeper.ts opens and closes the store for
 * all, store-reopening.ts has it written again after a failure, spare-descriptors.ts keeps files free for that;
 * reattach.ts tells a new shard what its crashed one knew, window.ts how much a writer may be handed, memory-bound.ts
 * what all of it comes to; silent-peers.ts finds who has vanished, in the table of connections that tcp-table.ts reads;
 * log.ts is what is said, log-lines.ts and log-outlet.ts how it gets out without holding anybody up; descriptors.ts
 * knows how many files may be open; mail/ is the format of the store and the operator's tool for it.
 */
import { StopWish } from './shared/common/signals.ts';

const stop = new StopWish();
const { runBroker } = await import('./broker/program.ts');
await runBroker(stop);

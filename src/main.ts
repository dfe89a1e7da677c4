/**
 * The broker's entry. It hears signals from its first line on, and only then loads the program. The way of a message,
 * file by file:
 *
 *   transport/listener.ts        accepts a connection, or says why not
 *   transport/tcp.ts             reads its bytes into one buffer for all sockets
 *   session/session.ts           one peer: its name, its reader, its writer
 *   session/reader/reader.ts     takes what is read line by line, and waits while a shard cannot follow
 *   protocol/plain/decoder.ts    finds a line and what it is; strict/ lets pass only lines that deceive nobody
 *   protocol/plain/line-destinations.ts  splits a line into destinations and message; remembers lists of names
 *   router/placement.ts          says which shard a name belongs to (shared/common/name-hash.ts)
 *   router/router.ts             sends a message to the shards of its destinations; shard-lists.ts remembers the way
 *   router/outbox.ts             gathers records for one shard, posts them, and holds senders back
 *   shared/wire/                 the records that cross to the shard's thread
 *   ../workers/shard/thread.ts   the thread of a shard; shard.ts hands each record to the part that decides
 *   ../workers/shard/delivery/   decides about each message: deliver now, hold, or drop
 *   ../workers/mailbox/          mail that waits, in memory and in the store
 *   shards/shard-link.ts         hears what a shard says; supervisor.ts starts a crashed one again
 *   session/session-table.ts     hands it to the session it concerns
 *   session/writer.ts            the one way out to a socket; returns to the shard what it could not write
 *
 * Each folder has a README that says what it is for and what it may import.
 */
import { StopWish } from './shared/common/signals.ts';

const stop = new StopWish();
const { runBroker } = await import('./broker/program.ts');
await runBroker(stop);

/**
 * The entry point of the broker. It catches signals before it loads the rest of the program. A message passes through
 * these files, in this order:
 *
 *   transport/listener.ts        accepts a connection, or refuses it with a reason
 *   transport/tcp.ts             reads its bytes into one buffer, which all sockets share
 *   session/session.ts           is one peer: its name, its reader, its writer
 *   session/reader/reader.ts     processes what was read line by line, and pauses while a shard is congested
 *   protocol/plain/decoder.ts    finds each line and its kind; strict/ refuses or rewrites lines that could deceive
 *   protocol/plain/line-destinations.ts  splits a line into destinations and message; caches lists of names
 *   router/placement.ts          maps a name to its shard (shared/common/name-hash.ts)
 *   router/router.ts             sends a message to the shards of its destinations; shard-lists.ts caches the route
 *   router/outbox.ts             batches records for one shard, posts them, and applies back-pressure to senders
 *   shared/wire/                 encodes and decodes the records that cross to the shard's thread
 *   ../workers/shard/thread.ts   runs a shard; shard.ts dispatches each record
 *   ../workers/shard/delivery/   decides about each message: deliver it now, hold it, or drop it
 *   ../workers/mailbox/          keeps mail that waits, in memory and in the store
 *   shards/shard-link.ts         receives what a shard posts; supervisor.ts restarts a crashed shard
 *   session/session-table.ts     dispatches each record of a shard to its session
 *   session/writer/writer.ts     writes to the socket, and returns to the shard what it could not write
 *
 * The README of each folder says what the folder is for and what it may import.
 */
import { StopWish } from './shared/common/signals.ts';

// Without a file there is nothing to reload, and SIGHUP stops. Its option has no short form.
const hasFile = process.argv.some((word) => /^--config(=|$)/.test(word)) || (process.env.RESTANTE_CONFIG ?? '') !== '';
const stop = new StopWish(hasFile ? 'reload' : 'stop');
const { runBroker } = await import('./broker/program.ts');
await runBroker(stop);

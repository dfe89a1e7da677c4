// Asks for a sum, and waits five seconds at most: node examples/ask.mjs 1 2 3
import { connect } from 'restante';

const client = await connect(process.env.RESTANTE_URL ?? 'tcp://127.0.0.1:8080', { name: `~asker-${process.pid}` });
console.log(await client.request('adder', process.argv.slice(2).map(Number), { timeout: 5_000 }));
await client.drain();

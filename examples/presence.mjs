// Says when names come and go: node examples/presence.mjs alice bob
import { connect } from 'restante';

const client = await connect(process.env.RESTANTE_URL ?? 'tcp://127.0.0.1:8080');
for await (const { name, here } of client.watch(process.argv.slice(2))) {
  console.log(`${name} is ${here ? 'here' : 'away'}`);
}

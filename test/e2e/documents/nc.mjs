/** A stand-in for nc where the installed nc has no -N. With -N it ends its side at the end of its input. */
import { connect } from 'node:net';

const args = process.argv.slice(2);
const [host, port] = args.filter((arg) => !arg.startsWith('-'));
const socket = connect({ host, port: Number(port) });
process.stdin.pipe(socket, { end: args.includes('-N') });
socket.pipe(process.stdout);
socket.once('close', () => process.exit());

/** Stands in for nc where none that knows -N is installed: -N ends its side with its input. */
import { connect } from 'node:net';

const args = process.argv.slice(2);
const [host, port] = args.filter((arg) => !arg.startsWith('-'));
const socket = connect({ host, port: Number(port) });
process.stdin.pipe(socket, { end: args.includes('-N') });
socket.pipe(process.stdout);
socket.once('close', () => process.exit());

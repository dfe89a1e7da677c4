/** The `certs` command: certificates to try TLS with. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../../library/index.ts';
import type { Context } from '../../context.ts';
import { example } from '../../values.ts';
import type { Certified } from './authority.ts';

/** How a broker on this machine is reached. */
const OWN_HOSTS = ['localhost', '127.0.0.1', '::1'];
const KEY_MODE = 0o600;
const CERT_MODE = 0o644;

interface CertsOptions {
  readonly host: readonly string[];
  readonly client: readonly string[];
}

/** Adds the command. */
export function addCerts(context: Context): void {
  const another = (text: string, before: readonly string[]) => [...before, text];
  context.program
    .command('certs')
    .description('make an authority and certificates, to try TLS with')
    .argument('<folder>', 'where the files go; none that is there is overwritten')
    .option('--host <name>', `a host name or address of the broker, beside ${OWN_HOSTS.join(', ')}`, another, [])
    .option('--client <name>', 'a client that gets a certificate, for TLS_CLIENT_CA', another, [])
    .addHelpText('after', example('restante certs tls --host chat.example --client alice'))
    .action((folder: string, options: CertsOptions) => makeCerts(context, resolve(folder), options));
}

async function makeCerts({ output }: Context, folder: string, { host, client }: CertsOptions): Promise<void> {
  const clients = [...new Set(client)];
  if (clients.includes('')) throw new UsageError('--client needs a name');
  const names = ['ca', 'server', ...clients.map(clientFile)];
  const files = names.flatMap((name) => [`${name}.pem`, `${name}.key`]);
  const there = files.find((file) => existsSync(join(folder, file)));
  if (there !== undefined) throw new UsageError(`${join(folder, there)} is there already, and is not overwritten`);
  const { newAuthority } = await import('./authority.ts');
  const authority = await newAuthority();
  await mkdir(folder, { recursive: true });
  await save(folder, 'ca', authority);
  await save(folder, 'server', await authority.forHosts([...new Set([...host, ...OWN_HOSTS])]));
  for (const name of clients) await save(folder, clientFile(name), await authority.forClient(name));
  await output.say({ type: 'certs', folder, files }, `made in ${folder}: ${files.join(', ')}`);
  if (!output.json) await output.raw(nextSteps(folder, clients[0]));
}

/** A name may have any characters, and a file not. */
function clientFile(name: string): string {
  return `client-${encodeURIComponent(name)}`;
}

async function save(folder: string, name: string, { cert, key }: Certified): Promise<void> {
  await writeFile(join(folder, `${name}.key`), key, { flag: 'wx', mode: KEY_MODE });
  await writeFile(join(folder, `${name}.pem`), cert, { flag: 'wx', mode: CERT_MODE });
}

function nextSteps(folder: string, client: string | undefined): string {
  const file = (name: string) => shellWord(join(folder, name));
  const asked = client === undefined ? '' : ` TLS_CLIENT_CA=${file('ca.pem')}`;
  const own = client && ` -cert ${file(`${clientFile(client)}.pem`)} -key ${file(`${clientFile(client)}.key`)}`;
  return [
    'Start the broker with it:',
    `  TLS_CERT=${file('server.pem')} TLS_KEY=${file('server.key')}${asked} npm start`,
    'and talk to it:',
    `  openssl s_client -quiet -connect localhost:8443 -CAfile ${file('ca.pem')}${own ?? ''}`,
    'Programs trust it by ca.pem, Node also by NODE_EXTRA_CA_CERTS. Keep ca.key to yourself: who has it is trusted.',
  ].join('\n');
}

/** @returns a text as one word of a shell */
function shellWord(text: string): string {
  return /^[\w./%:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

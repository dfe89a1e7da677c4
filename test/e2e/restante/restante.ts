/** Runs the command line against a broker. */
import type { TestBroker } from '../../helpers/broker.ts';
import { commandOf } from '../../helpers/programs/build.ts';
import { Program } from '../../helpers/programs/program.ts';
import { until } from '../../helpers/until.ts';

const RESTANTE = commandOf('src/tools/cli/restante.ts');
/** The variables of the test's own environment must not reach it. */
const CLEAN = { RESTANTE_URL: undefined, RESTANTE_NAME: undefined, RESTANTE_TOKEN: undefined };

const urlOf = ({ port }: { readonly port: number }) => `tcp://127.0.0.1:${port}`;

/** Starts it. Its standard input is typed by the test. */
export function restante(
  broker: { readonly port: number },
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  return new Program([...RESTANTE, ...args], {
    stdin: 'typed',
    env: { ...CLEAN, RESTANTE_URL: urlOf(broker), ...env },
  });
}

interface Ran {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end, with this standard input. */
export async function ran(broker: { readonly port: number }, args: readonly string[], input = ''): Promise<Ran> {
  await using program = restante(broker, args);
  if (input !== '') program.type(input);
  program.type();
  const code = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** Makes a name known: mail for it is held from then on. */
export async function wasHere(broker: TestBroker, name: string): Promise<void> {
  const peer = await broker.peer(name);
  await peer.leave();
  await isGone(broker, 0);
}

/** Waits until so many sessions are left. */
export async function isGone(broker: TestBroker, left: number): Promise<void> {
  await until(() => broker.broker.view.sessions().length <= left, 'the sessions to have ended');
}

/** Waits until a peer has the name. */
export async function isHere({ broker }: TestBroker, name: string): Promise<void> {
  await until(
    () => broker.view.sessions().some((session) => session.name === name),
    () => `${name} to be here`,
  );
}

/** The open connections: each is accepted as a session or refused, counted, and told of when it ends. */

import { notLetIn, proxyRefused, type SessionError, sentTooMuch, tooManyConnections } from '../../protocol/errors.ts';
import { notTlsAnswer } from '../../protocol/not-tls.ts';
import { Session } from '../../session/session.ts';
import { OVER_TRANSPORT, type SessionHost } from '../../session/session-host.ts';
import { logFields, type SessionTable } from '../../session/session-table.ts';
import { ended, told } from '../../shared/codes/log-line.ts';
import type { Config } from '../../shared/common/config.ts';
import { type Log, type RateLimitedWarnings, say } from '../../shared/common/log/log.ts';
import { startTimer } from '../../shared/common/timer.ts';
import { AddressList } from '../../shared/visitors/address-list.ts';
import { type HttpVisit, HttpVisits } from '../../shared/visitors/http-visits.ts';
import { Rates } from '../../shared/visitors/rates.ts';
import { Visit } from '../../shared/visitors/visit.ts';
import type { Refusal } from '../../transport/listener.ts';
import type { PortsHost } from '../../transport/listeners.ts';
import { type SilentPeers, watchSilence } from '../../transport/silence/silent-peers.ts';
import type { Peer, Transport, TransportKind } from '../../transport/transport.ts';
import type { ConnectionCounts, EndReason, OpenConnection, RefusalReason } from './connection-counts.ts';
import { rateSettings } from './rate-settings.ts';

/** A session of HTTP is as short as a request: it waits so long for its rate, and beyond that it does not begin. */
const HTTP_WAITS_MS = 1_000;

/** What the connections need of the broker. */
interface Home {
  /** The settings in force, and what sessions are given that begin now. Both change at a reload. */
  readonly config: Config;
  readonly host: SessionHost;
  readonly log: Log;
  readonly warnings: RateLimitedWarnings;
  readonly counts: ConnectionCounts;
  readonly sessions: SessionTable<Session>;
  /** Whether the broker is being stopped. */
  isStopping(): boolean;
}

/** The connections of one broker. */
export class Connections implements PortsHost {
  readonly #home: Home;
  /** The sessions whose sockets are open, oldest first. */
  readonly open = new Map<Session, OpenConnection>();
  /** Sessions that were ended because their peers had vanished. */
  readonly #vanished = new WeakSet<Session>();
  readonly #watches: SilentPeers<Session>[] = [];
  /** How much each address and each account may do. */
  readonly rates: Rates;
  /** The proxies that say whom they speak for. */
  readonly proxies: AddressList;
  readonly #httpVisits: HttpVisits;

  constructor(home: Home) {
    this.#home = home;
    this.rates = new Rates(rateSettings(home.config), { now: () => performance.now(), startTimer });
    this.proxies = new AddressList(home.config.PROXY_FROM);
    this.#httpVisits = new HttpVisits(this.rates, this.proxies);
  }

  /** The settings have changed. */
  limitAnew(): void {
    const { config } = this.#home;
    this.rates.take(rateSettings(config));
    for (const { visit } of this.open.values()) visit.renew();
    this.proxies.take(config.PROXY_FROM);
    this.#httpVisits.renew();
  }

  /** Whether another connection fits into MAX_CONNECTIONS. */
  get hasRoom(): boolean {
    return this.open.size < this.#home.config.MAX_CONNECTIONS;
  }

  /** See ListenerHost. */
  enter({ address }: Peer, kind: TransportKind): Visit | Refusal {
    const { config } = this.#home;
    if (!this.hasRoom) return this.#refusal(tooManyConnections(config.MAX_CONNECTIONS), kind, 'MAX_CONNECTIONS');
    const entered = this.rates.enter(address);
    if (!(entered instanceof Visit)) return this.#refusal(notLetIn(entered), kind);
    const { waitMs } = entered;
    if (kind !== 'http' || waitMs <= HTTP_WAITS_MS) return entered;
    entered.leave();
    return this.#refusal(sentTooMuch(Math.ceil(waitMs / 1000)), kind);
  }

  /** Counts a connection of HTTP, which is no session. @returns its visit, or why it is refused */
  enterHttp({ address }: Peer): HttpVisit | Refusal {
    const entered = this.#httpVisits.enter(address);
    return 'why' in entered ? this.#refusal(notLetIn(entered), 'http') : entered;
  }

  /** See ListenerHost. */
  take(transport: Transport, before?: Visit): Refusal | undefined {
    const { sessions, host, counts } = this.#home;
    const visit = before ?? this.enter(transport.peer, transport.kind);
    if (!(visit instanceof Visit)) return visit;
    const session = new Session(sessions.nextNumber(), transport, host, visit);
    sessions.add(session);
    this.#debug(session, 'connected');
    const closed = session.run().then((failure) => this.#ended(session, failure));
    counts.accept(transport.kind);
    this.open.set(session, { closed, connectedAt: Date.now(), visit });
    return undefined;
  }

  /** See ListenerHost. */
  crowded(kind: TransportKind): Refusal {
    return this.#refusal(tooManyConnections(this.open.size), kind, 'OPEN_FILES');
  }

  /** See ListenerHost. */
  unproxied(problem: string): Refusal {
    return this.#refusal(proxyRefused(problem), 'tcp');
  }

  /** See PortsHost. */
  notTls(firstByte: number): Refusal {
    const { protocol, programs } = this.#home.host;
    return notTlsAnswer(firstByte, protocol, programs);
  }

  /**
   * Finds peers of one kind that have vanished, until `endWatches`.
   * @param port the port that they have come to; undefined if there is none for them
   */
  watch(port: number | undefined, kind: TransportKind): void {
    if (port === undefined) return;
    const peers = () => [...this.open.keys()].filter(({ transport }) => transport.kind === kind);
    this.#watches.push(watchSilence(this.#home.config, port, peers, (session) => this.#giveUp(session)));
  }

  /** The time in which a peer counts as vanished has changed. */
  watchAnew(): void {
    for (const watch of this.#watches) watch.startAnew(this.#home.config.PEER_SILENT_SECONDS);
  }

  endWatches(): void {
    for (const watch of this.#watches) watch.end();
  }

  #refusal(error: SessionError, kind: TransportKind, reason: RefusalReason = error.code): Refusal {
    const { counts, config, host } = this.#home;
    counts.refuse(reason);
    const isProgram = OVER_TRANSPORT[kind] === 'programs';
    const encoder = isProgram ? host.programs.encoder() : host.protocol.encoder;
    const answer = isProgram || config.NOTICES === 'on' ? encoder.notice(error) : undefined;
    return { code: error.code, message: error.message, retry: error.retry, answer };
  }

  #ended(session: Session, failure: SessionError | undefined): void {
    const { counts, sessions } = this.#home;
    this.open.get(session)?.visit.leave();
    this.open.delete(session);
    counts.end(session, failure?.code ?? this.#whyEnded(session));
    if (session.name === undefined) sessions.remove(session);
    this.#debug(session, 'disconnected');
    if (failure !== undefined) this.#sayFailure(logFields(session), failure);
  }

  #whyEnded(session: Session): EndReason {
    if (this.#vanished.has(session)) return 'PEER_SILENT';
    return this.#home.isStopping() ? 'STOPPING' : 'LEFT';
  }

  #debug(session: Session, message: string): void {
    const { log } = this.#home;
    if (log.isLevelEnabled('debug')) log.debug(logFields(session), message);
  }

  /** Ends a session whose peer has vanished. */
  #giveUp(session: Session): void {
    const { config, warnings } = this.#home;
    warnings.warn(told('PEER_SILENT', { ...logFields(session), silentSeconds: config.PEER_SILENT_SECONDS }));
    this.#vanished.add(session);
    session.abandon();
  }

  #sayFailure(fields: object, failure: SessionError): void {
    const line = ended(failure, fields);
    if (line.level === 'warn') this.#home.warnings.warn(line);
    else say(this.#home.log, line);
  }
}

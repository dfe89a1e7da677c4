/** Requests of a session that may not write to everybody: each message goes only to the names that it may go to. */
import type { Decoder } from '../../protocol/protocol.ts';
import type { Outbox } from '../../router/outbox.ts';
import type { Routed } from '../../router/router.ts';
import type { Grant } from '../auth/authenticator.ts';
import { NamePatterns } from '../auth/patterns.ts';
import type { Backlog } from '../program/backlog.ts';
import { AllowedNames } from './allowed-names.ts';
import { ForbiddenNews } from './forbidden-news.ts';
import { Requests } from './requests.ts';
import type { TurnShare } from './turn-share.ts';

const ANYBODY = new NamePatterns(['*']);

/** All sessions share one, because a message is sent before the next is looked at. */
const names = new AllowedNames();

export class CheckedRequests extends Requests {
  #grant: Grant | undefined;
  /** What the message in hand is sent by: patterns that change meanwhile hold from the next one on. */
  #inHand: NamePatterns | undefined;
  #news: ForbiddenNews | undefined;

  override sendAs(name: Uint8Array, grant?: Grant): void {
    super.sendAs(name, grant);
    this.#grant = grant;
  }

  override send(decoder: Decoder, share: TurnShare): Outbox | Backlog | Routed {
    const patterns = this.#inHand ?? this.#grant?.send ?? ANYBODY;
    const result = patterns.coverAll ? super.send(decoder, share) : this.#sendAllowed(decoder, patterns, share);
    this.#inHand = result === 'routed' ? undefined : patterns;
    return result;
  }

  #sendAllowed(decoder: Decoder, patterns: NamePatterns, share: TurnShare): Outbox | Backlog | Routed {
    const { to } = decoder;
    if (names.allAllowed(to, patterns)) return this.sendTo(decoder, to, [], share);
    const forbidden = names.take(to, patterns);
    const result = this.sendTo(decoder, names, forbidden, share);
    if (result === 'routed') this.#forbid(forbidden);
    return result;
  }

  #forbid(forbidden: readonly Uint8Array[]): void {
    this.#grant?.forbade(forbidden.length);
    if (this.isAnswered) return;
    this.#news ??= new ForbiddenNews((notice) => this.tell(notice));
    for (const name of forbidden) this.#news.note(name);
  }
}

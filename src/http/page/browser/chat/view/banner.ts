/** One line above the chat, where something is not as it should be. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ChatSession, Standing } from '../session.ts';

interface Props {
  readonly session: ChatSession;
  readonly standing: Standing;
}

export function Banner({ session, standing }: Props): VNode {
  const isOnline = useOnline();
  const text = textOf(session, standing, isOnline);
  return html`<p class=${text === undefined ? 'unseen' : 'banner'} role="status">${text}</p>`;
}

function textOf(session: ChatSession, { state }: Standing, isOnline: boolean): string | undefined {
  const later = 'What you write is sent when it is back.';
  if (state !== 'connected' && !isOnline) return `This device is offline. ${later}`;
  if (state === 'disconnected') return `The connection is lost, and the page tries again. ${later}`;
  if (state === 'waiting') return 'Your name is in use elsewhere. This page waits until it is free.';
  if (!session.keeps) return 'This browser keeps nothing for this tab: what is shown is gone when it is loaded again.';
  return undefined;
}

function useOnline(): boolean {
  const [isOnline, set] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => set(navigator.onLine);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => {
      removeEventListener('online', look);
      removeEventListener('offline', look);
    };
  }, []);
  return isOnline;
}

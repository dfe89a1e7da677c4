/** Where somebody writes. Enter sends, Shift and Enter begin a line, Escape goes back to the conversations. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../../parts/view.ts';

interface Props {
  readonly names: readonly string[];
  readonly send: (text: string) => void;
}

export function Composer({ names, send }: Props): VNode {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // On a phone the keyboard would cover the conversation.
    if (!matchMedia('(pointer: coarse)').matches) field.current?.focus();
  }, []);
  const submit = () => {
    if (text.trim() === '') return;
    send(text);
    setText('');
    field.current?.focus();
  };
  const keyDown = (event: KeyboardEvent) => {
    // The Enter that ends the writing of a character of an East Asian language sends nothing.
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape') {
      goTo('chat');
    }
  };
  return html`
    <form
      class="composer"
      onSubmit=${(event: Event) => {
        event.preventDefault();
        submit();
      }}
    >
      ${
        names.length > 1 &&
        html`<p class="small soft">
          Each of these ${names.length} gets it alone, and answers you alone.
        </p>`
      }
      <div class="row">
        <textarea
          ref=${field}
          rows="1"
          aria-label="Message"
          placeholder="Write a message"
          value=${text}
          onInput=${(event: Event) => setText((event.target as HTMLTextAreaElement).value)}
          onKeyDown=${keyDown}
          enterkeyhint="send"
          dir="auto"
        ></textarea>
        <button type="submit" disabled=${text.trim() === ''}>Send</button>
      </div>
    </form>
  `;
}

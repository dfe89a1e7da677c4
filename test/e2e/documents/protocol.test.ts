/** Plays the conversations of docs/PROTOCOL.md. */
import { playDocument } from './play.ts';

playDocument('docs/PROTOCOL.md', {
  'bob: are you there?': (stage) => stage.come('bob'),
  'bob, carol, dave: lunch?': async (stage) => {
    await stage.peer('bob').got('from alice: are you there?\n');
    await stage.come('carol', 'dave');
  },
  '/help': async (stage) => {
    for (const name of ['bob', 'carol', 'dave']) await stage.peer(name).got('from alice: lunch?\n');
    await stage.leave('carol', 'dave');
    stage.peer('bob').send('carol: one\ncarol: two\ncarol: three\nbob: sent\n');
    await stage.peer('bob').got('from bob: sent\n');
    await stage.peer('bob').got('* carol is away: mail is held\n');
  },
  '* bob is yours now: 0 messages waited': (stage) => stage.leave('bob'),
  '$ echo bob | nc -N 127.0.0.1 8080': async (stage) => {
    await stage.terminal('bob').play(['^D']);
    await stage
      .terminal('alice')
      .play([
        'bob: one',
        '* bob is away: mail is held',
        'bob: two',
        '/who bob',
        '* bob is away since 2025-11-26 13:47 UTC: 2 messages wait',
      ]);
  },
});

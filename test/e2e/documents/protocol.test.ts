/** Plays the conversations of docs/PROTOCOL.md. */
import { commandOf } from '../../helpers/programs/build.ts';
import { playDocument } from './play.ts';
import type { Stage } from './stage.ts';

/** Starts a broker of its own for what programs say. */
function serveWith(stage: Stage, settings: string): Promise<void> {
  return stage.serve(`DATA_DIR=programs ${settings} exec ${commandOf('src/main.ts').join(' ')}`);
}

/** The most messages that may wait for a name. */
const FULL = 3;

function welcomeOfBob(waiting: number): string {
  const last = 1875124452065317 + waiting;
  const limits = '{"line":65536,"destinations":1000,"window":256}';
  return `<- {"type":"welcome","v":1,"name":"bob","waiting":${waiting},"last":${last},"ping":25,"limits":${limits}}`;
}

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
  '-> {"type":"hello","v":1,"name":"bob","token":"rst_…","ack":true,"window":100}': (stage) =>
    serveWith(stage, `MAILBOX_MAX_MESSAGES=${FULL} FAIR_RESERVE_PERCENT=0`),
  [welcomeOfBob(0)]: async (stage) => (await stage.program('first')).leave(),
  '-> {"type":"hello","v":1,"name":"alice"}': async (stage) => {
    await stage.come('carol', 'dave', 'erin', '~guest');
    await stage.leave('dave', 'erin');
    stage.peer('carol').send('erin: hello\n'.repeat(FULL));
    await stage.peer('carol').got('* erin is away: mail is held\n');
  },
  '<- {"type":"receipt","id":"m-5","name":"dave","state":"purged"}': (stage) => stage.purgeLast('dave'),
  '-> {"type":"reject","seq":1875124452065318,"reason":"no job"}': async (stage) => {
    stage.peer('carol').send('bob: hello\n');
  },
  [welcomeOfBob(2)]: async (stage) => {
    await (await stage.program('bob')).leave();
    stage.peer('carol').send('bob: hello?\n');
    await stage.peer('carol').got('* bob is away: mail is held\n');
  },
  '<- {"type":"presence","name":"carol","here":false,"time":1764156004567}': (stage) => stage.leave('carol'),
  '<- {"type":"ping"}': async (stage) => {
    await serveWith(stage, 'PING_SECONDS=1');
    const welcome = welcomeOfBob(0).replace('"ping":25', '"ping":1');
    await (await stage.program('silent')).play(['-> {"type":"hello","v":1,"name":"bob"}', welcome]);
  },
  '<- {"type":"bye","code":"STOPPING","message":"the broker is stopping","retry":2}': (stage) => stage.interrupt(),
});

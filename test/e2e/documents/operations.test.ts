/** Runs the commands of docs/OPERATIONS.md, and compares the lines of the log that it shows; then docs/HTTP.md. */
import { playDocument } from './play.ts';

playDocument('docs/OPERATIONS.md', {
  'the system allows 256 open files, so 152 connections are served, not MAX_CONNECTIONS 10000: raise the limit of open':
    (stage) => stage.serve('ulimit -n 256 && exec npm start'),
  '$ npm run --silent mail -- verify': async (stage) => {
    const names = ['alice', 'bob', 'carol', 'dave', 'eve'];
    await stage.come(...names);
    await stage.leave(...names);
  },
});

playDocument('docs/HTTP.md');

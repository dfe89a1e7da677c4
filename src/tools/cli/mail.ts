/**
 * The operator's tool for held mail, while no broker runs: what there is, whose it is, and whether the store is sound.
 * File by file:
 *
 *   mail/program.ts   the commands and their options
 *   mail/list.ts, show.ts, purge.ts, verify.ts, repair.ts   what the commands do
 *   mail/survey.ts    reads the whole store and says what is there;  tally.ts counts a name's mail
 *   mail/report.ts    what is said to people;  words.ts how names and times are shown;  progress.ts the bar
 *   mail/database.ts, access.ts, mend.ts, aside.ts, folder.ts   the database, and the files around it
 *   mail/format.ts    the keys and values, as the shards write them;  state.ts, clock.ts what a broker leaves for the next
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runMail } = await import('./mail/program.ts');
await runMail(stop);

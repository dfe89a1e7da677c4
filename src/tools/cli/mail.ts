/**
 * The mail tool: it is for operators. Its files:
 *
 *   mail/program.ts     the commands and their options
 *   mail/running.ts     the first three commands on a broker that runs
 *   mail/list.ts, show.ts, purge.ts, verify.ts, repair.ts   the commands
 *   mail/scan.ts        reads the whole store; counts.ts counts the mail of a name
 *   mail/report.ts      the output for people; progress.ts is the progress bar
 *   mail/quarantine.ts  the file to which repair moves entries that cannot be read
 *   ../../store/        the database, its folder, and the layout of keys and values
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runMail } = await import('./mail/program.ts');
await runMail(stop);

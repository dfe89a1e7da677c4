/**
 * The operator's tool for held mail, for use while no broker runs. File by file:
 *
 *   mail/program.ts     the commands and their options
 *   mail/list.ts, show.ts, purge.ts, verify.ts, repair.ts   the commands
 *   mail/scan.ts        reads the whole store and says what is there; counts.ts counts the mail of a name
 *   mail/report.ts      what people read; progress.ts is the bar
 *   mail/quarantine.ts  where repair puts entries that cannot be read
 *   ../../store/        the database, its folder, and the layout of keys and values
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runMail } = await import('./mail/program.ts');
await runMail(stop);

/** The `backup` command: it copies a store, while its broker runs or does not. */
import { SETTINGS } from '../../../../../shared/common/config.ts';
import { counted } from '../../../../../shared/common/text.ts';
import { OWNER_ALONE_UMASK } from '../../../../../store/folder.ts';
import { AdminApi } from '../../../admin/api.ts';
import { showProgress } from '../../../mail/progress.ts';
import { openMail } from '../../../mail/running.ts';
import type { Context } from '../../context.ts';
import { example, withVariable } from '../../values.ts';
import { namedUrl, tokenOf, withToken } from '../broker.ts';
import { type Made, makeBackup } from './make.ts';

interface Options {
  readonly dataDir: string;
  readonly token?: string;
}

/** Adds the command. */
export function addBackup(context: Context): void {
  const { fallback, help } = SETTINGS.DATA_DIR;
  const command = context.program
    .command('backup')
    .description('copy the store as it is at one moment, and the accounts, while a broker runs on it or none does')
    .argument('<folder>', 'where the copy is to be: it is empty, or not there yet')
    .addOption(withVariable('--data-dir <folder>', help, 'DATA_DIR').default(fallback))
    .addHelpText('after', '\nTo restore it, copy it back, or start a broker with DATA_DIR=<folder>.')
    .addHelpText('after', example('restante backup /srv/backup/today'));
  withToken(command).action(async (folder: string, options: Options) => {
    const isUsualFolder = command.getOptionValueSource('dataDir') === 'default';
    await backup(context, folder, { ...options, isUsualFolder });
  });
}

async function backup(
  context: Context,
  folder: string,
  options: Options & { readonly isUsualFolder: boolean },
): Promise<void> {
  // Mail is private, wherever it is copied to.
  process.umask(OWNER_ALONE_UMASK);
  const { stop, output } = context;
  const { dataDir, isUsualFolder } = options;
  const token = tokenOf(context, options);
  const place = await openMail({ dataDir, isUsualFolder, url: namedUrl(context), token, stop });
  try {
    using progress = showProgress();
    const made = await makeBackup(place, folder, progress, stop);
    await output.say({ type: 'backup', ...made }, madeText(made));
  } finally {
    if (!(place instanceof AdminApi)) await place.close();
  }
}

function madeText({ folder, names, messages, bytes, accounts }: Made): string {
  const what = [counted(names, 'name'), counted(messages, 'message'), counted(bytes, 'byte')];
  return `backup in ${folder}: ${what.join(', ')}${accounts ? ', and the accounts' : ''}`;
}

import { describe, expect, it } from 'vitest';
import { nearNames } from '../../../src/shared/common/config/near-names.ts';
import { SETTINGS } from '../../../src/shared/common/config.ts';

const NAMES = Object.keys(SETTINGS);
const meant = (variable: string) => nearNames({ [variable]: '1' }, NAMES)[0]?.meant;

/** What shells, desktops, build servers, containers and other tools set, and some that look alike. */
const ORDINARY = `
  PATH HOME HOSTNAME HOSTTYPE MACHTYPE OSTYPE SHELL SHLVL PWD OLDPWD USER LOGNAME LANG LC_ALL TERM TERM_PROGRAM COLORTERM
  EDITOR VISUAL PAGER TZ TMPDIR MAIL MAILCHECK MAILPATH DISPLAY XAUTHORITY XDG_DATA_DIRS XDG_DATA_HOME XDG_CONFIG_DIRS
  XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK SSH_CONNECTION SSH_CLIENT SSH_TTY LS_COLORS LESSOPEN HISTSIZE
  NODE_ENV NODE_OPTIONS NODE_VERSION NODE_PATH YARN_VERSION NVM_DIR npm_config_registry npm_package_name npm_command
  INIT_CWD HTTP_PORT HTTPS_PORT DB_HOST DB_PORT PGHOST PGPORT REDIS_HOST REDIS_PORT MYSQL_HOST SMTP_HOST SMTP_PORT
  KUBERNETES_PORT KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT RESTANTE_PORT RESTANTE_SERVICE_HOST RESTANTE_LONG
  DOCKER_HOST HOSTALIASES HOST_IP POST COST SORT PORTAGE PORT1 HOST1 HOST2 http_proxy https_proxy no_proxy
  LOG_FILE LOG_FORMAT LOG_DIR LOGGING DATA DATABASE_URL DATA_HOME MAX_JOBS MAX_OLD_SPACE MAXLEN NAMESPACE NAME PEERS
  WRITE_KEY STRICT_SSL NOTICE_BOARD MAKEFLAGS MAKELEVEL CI GITHUB_ACTIONS GITHUB_SHA RUNNER_OS JENKINS_URL BUILD_NUMBER
  SYSTEMD_EXEC_PID INVOCATION_ID JOURNAL_STREAM MEMORY_PRESSURE_WATCH UV_THREADPOOL_SIZE MALLOC_MMAP_THRESHOLD_
  SWARM_HOST SWARM_PORT SWARM_CLIENTS COMPOSE_PROJECT_NAME COMPOSE_PROFILES DRAIN HOLD HELD FAIR SHARED SHARE_DIR
  CUDA_HOME JAVA_HOME GOPATH CARGO_HOME VIRTUAL_ENV PYTHONPATH PERL5LIB LD_LIBRARY_PATH PKG_CONFIG_PATH
  PROCESSOR_ARCHITECTURE APPDATA LOCALAPPDATA ProgramData PUBLIC SystemRoot windir OS _ `.split(/\s+/);

describe('a variable that is nearly a setting', () => {
  it.each([
    ['PORTT', 'PORT'],
    ['PROT', 'PORT'],
    ['PRT', 'PORT'],
    ['HSOT', 'HOST'],
    ['SHARD', 'SHARDS'],
    ['NOTICE', 'NOTICES'],
    ['DATADIR', 'DATA_DIR'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['MAX_CONECTIONS', 'MAX_CONNECTIONS'],
    ['MAX_CONNECTION', 'MAX_CONNECTIONS'],
    ['HOLD_SECOND', 'HOLD_SECONDS'],
    ['DRAIN_SEC', 'DRAIN_SECONDS'],
    ['port', 'PORT'],
    ['Shards', 'SHARDS'],
  ])('%s is taken for %s', (variable, setting) => {
    expect(meant(variable)).toEqual([setting]);
  });

  it('is taken for all that begin as it does, where it is like none of them', () => {
    expect(meant('MAILBOX_LIMIT')).toEqual(['MAILBOX_MAX_MESSAGES', 'MAILBOX_MAX_BYTES']);
  });

  it('is none of the settings', () => {
    expect(nearNames(Object.fromEntries(NAMES.map((name) => [name, '1'])), NAMES)).toEqual([]);
  });

  it('counts as not set where it is empty', () => {
    expect(nearNames({ PORTT: '' }, NAMES)).toEqual([]);
  });
});

describe('variables of others', () => {
  it('are left alone', () => {
    expect(nearNames(Object.fromEntries(ORDINARY.map((name) => [name, '1'])), NAMES)).toEqual([]);
  });

  it('are left alone where these tests run', () => {
    expect(nearNames(process.env, NAMES)).toEqual([]);
  });
});

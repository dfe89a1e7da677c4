/** An address that is listened on: what it says where that cannot be, and how many descriptors there are. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/shared/common/config.ts';
import { StartError } from '../../../src/shared/common/errors.ts';
import { createLog, type Log, RateLimitedWarnings } from '../../../src/shared/common/log/log.ts';
import { AddressList } from '../../../src/shared/visitors/address-list.ts';
import { Listener } from '../../../src/transport/listener.ts';
import { Descriptors, isShortage, type ProcessFiles } from '../../../src/transport/listening/descriptors.ts';

const KEPT_BACK = 48;

function limited(limit: number | string, open: number): Descriptors {
  return new Descriptors({
    limits: () => `Max open files            ${limit}      1048576      files\n`,
    open: () => open,
  });
}

function listener(env: Record<string, string>, descriptors = limited('unlimited', 0), log = createLog('silent')) {
  const config = readConfig({ PORT: '0', ...env });
  const crowded = () => ({ code: 'TOO_MANY_CONNECTIONS' as const, message: '', answer: undefined });
  const proxies = new AddressList([]);
  const host = { take: () => undefined, crowded, unproxied: crowded, enter: crowded, proxies };
  return new Listener(config, log, new RateLimitedWarnings(log), Buffer.alloc(1), host, undefined, descriptors);
}

async function refusal(refused: Listener): Promise<[string, number]> {
  try {
    await refused.listen();
  } catch (error) {
    if (error instanceof StartError) return [error.message, error.exitCode];
    throw error;
  } finally {
    refused.close();
  }
  throw new Error('it listens');
}

describe('an address', () => {
  it.each([
    ['no.such.host.invalid', /^HOST no\.such\.host\.invalid does not resolve \(E\w+\)$/],
    ['192.0.2.1', /^HOST 192\.0\.2\.1 is no address of this machine$/],
    ['300.1.1.1', /^HOST 300\.1\.1\.1 does not resolve \(E\w+\)$/],
  ])('%s that is none of this machine is a bad setting', async (HOST, says) => {
    expect(await refusal(listener({ HOST }))).toEqual([expect.stringMatching(says), 2]);
  });

  it('whose port is taken is a reason to say how to choose another', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const [message, exitCode] = await refusal(listener({ PORT: String(port) }));
    expect(message).toMatch(/^PORT \d+ on 127\.0\.0\.1 is taken: .+, as with PORT=\d+$/);
    expect(message).not.toContain(`PORT=${port} `);
    expect(exitCode).toBe(1);
    taken.close();
  });
});

describe('the limit of open files', () => {
  const warned: string[] = [];
  const log = {
    warn: (_fields: object, message: string) => warned.push(message),
    info: () => undefined,
  } as unknown as Log;

  it('that leaves no room for a connection is a reason not to start', async () => {
    const [message, exitCode] = await refusal(listener({}, limited(40 + KEPT_BACK, 40)));
    expect(message).toMatch(/^88 open files are too few for any connection: raise the limit of open files/);
    expect(exitCode).toBe(1);
  });

  it.each([
    ['10', 9, 'so 9 connections are served, not MAX_CONNECTIONS 10'],
    ['unlimited', 9, 'so 9 connections are served: for more'],
    ['10', 10, undefined],
  ])('is compared with MAX_CONNECTIONS %s, where %i fit', async (MAX_CONNECTIONS, fit, says) => {
    warned.length = 0;
    const listens = listener({ MAX_CONNECTIONS }, limited(40 + KEPT_BACK + fit, 40), log);
    await listens.listen();
    listens.close();
    expect(warned).toEqual(says === undefined ? [] : [expect.stringContaining(says)]);
  });

  it('is none where the system says none', () => {
    for (const limits of [undefined, 'Max open files  unlimited  unlimited  files']) {
      const descriptors = new Descriptors({ limits: () => limits, open: () => 10 });
      expect(descriptors.look()).toBe(true);
      expect(descriptors.room).toBe(Number.POSITIVE_INFINITY);
      expect(descriptors.isKeptBack(1_000_000)).toBe(false);
    }
  });

  it('keeps the last descriptors back, and follows when it is changed', () => {
    const descriptors = limited(100, 0);
    descriptors.look();
    expect([51, 52, 99].map((fd) => descriptors.isKeptBack(fd))).toEqual([false, true, true]);
    let limit = 200;
    const files: ProcessFiles = { limits: () => `Max open files ${limit} ${limit} files`, open: () => 0 };
    const changing = new Descriptors(files);
    changing.look();
    limit = 100;
    changing.look();
    expect(changing.isKeptBack(52)).toBe(true);
  });

  it('has been reached when it cannot even be looked at', () => {
    const failing = (code: string) =>
      new Descriptors({
        limits: () => {
          throw Object.assign(new Error(code), { code });
        },
        open: () => 0,
      });
    expect(failing('EMFILE').look()).toBe(false);
    expect(failing('EACCES').look()).toBe(true);
    expect([isShortage(null), isShortage(new Error('x')), isShortage({ code: 'ENFILE' })]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('of this process is found', () => {
    const own = new Descriptors();
    expect(own.look()).toBe(true);
    expect(own.room).toBeGreaterThan(0);
    if (process.platform === 'linux') expect(own.limit).toBeGreaterThan(own.room);
  });
});

/** Who may write to whom, and what changes while peers are here. */
import { describe, expect, it } from 'vitest';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { AuthBroker, accountOf, PASSWORD, tokenOf } from './accounts.ts';

const [ann, storedAnn] = tokenOf(['ann'], { send: ['bob', 'team-*'] });
const [open, storedOpen] = tokenOf(['bob', 'team-1', 'eve']);
const TOKENS = [storedAnn, storedOpen];

const peer = async (it_: AuthBroker, name: string, proof: string) => {
  const it = await it_.up.connect();
  it.send(`${name}\n${proof}\n`);
  await it.got(`* you are ${name}\n`);
  return it;
};
const program = (it_: AuthBroker, name: string, token: string) => ProgramPeer.hello(it_.up, { name, token });
const send = (to: string | readonly string[], more: object = {}) => ({ type: 'send', to, body: 'hi', ...more });

describe('a peer that may write to some', () => {
  it('is told of those to whom it may not, and the others get the message', async () => {
    await using it_ = await AuthBroker.start({ tokens: TOKENS });
    const names = ['bob', 'team-1', 'eve'];
    const [bob, team, eve] = await Promise.all(names.map((name) => peer(it_, name, open)));
    const writer = await peer(it_, 'ann', ann);
    for (let i = 0; i < 4; i++) writer.send(`bob, eve, team-1: ${i}\n`); // the list is cached from the third on
    writer.send('eve: alone\nbob: end\n');
    await bob?.got('from ann: end');
    await it_.up.quiet();
    expect(bob?.mail).toBe('from ann: 0\nfrom ann: 1\nfrom ann: 2\nfrom ann: 3\nfrom ann: end\n');
    expect(team?.mail).toBe('from ann: 0\nfrom ann: 1\nfrom ann: 2\nfrom ann: 3\n');
    expect(eve?.mail).toBe('');
    expect(writer.received.match(/may not write.*\n/g)).toEqual(['may not write to eve: mail is refused\n']);
  });

  it('is told forbidden where it is a program, in the answer that says the rest', async () => {
    await using it_ = await AuthBroker.start({ tokens: TOKENS });
    const bob = await program(it_, 'bob', open);
    const writer = await program(it_, 'ann', ann);
    writer.say(send(['bob', 'eve', 'team-1'], { id: 'm-1', receipt: true }), send('eve', { id: 'm-2' }));
    writer.say(send(['eve', 'bob']), send('bob', { id: 'm-3' }));
    const accepted = await writer.got('accepted', 3);
    expect(accepted.map(({ id, to }) => [id, to])).toEqual(
      expect.arrayContaining([
        ['m-1', { eve: 'forbidden', bob: 'taken', 'team-1': 'unknown' }],
        ['m-2', { eve: 'forbidden' }],
        ['m-3', { bob: 'taken' }],
      ]),
    );
    const [notice] = await writer.got('notice');
    const text = 'you may not write to eve: mail is refused';
    expect(notice).toEqual({ type: 'notice', code: 'NAME_FORBIDDEN', name: 'eve', count: 1, text });
    await bob.got('message', 3);
    expect(await it_.up.broker.view.figures()).toMatchObject({ auth: { forbidden: 3 } });
  });

  it('writes as it may from then on, when its patterns change', async () => {
    await using it_ = await AuthBroker.start({ tokens: TOKENS });
    const eve = await peer(it_, 'eve', open);
    const writer = await program(it_, 'ann', ann);
    await it_.change({ tokens: [{ ...storedAnn, send: ['eve'] }, storedOpen] });
    writer.say(send(['eve', 'bob'], { id: 'm-1' }));
    expect(await writer.got('accepted')).toMatchObject([{ to: { eve: 'taken', bob: 'forbidden' } }]);
    await eve.got('from ann: hi');
  });
});

describe('with AUTH=names', () => {
  it('who has proved nothing writes to whom AUTH_DEFAULT_SEND allows', async () => {
    const settings = { AUTH: 'names', AUTH_DEFAULT_SEND: 'help' };
    await using it_ = await AuthBroker.start({ accounts: [accountOf('bob')] }, settings);
    const zoe = await it_.up.peer('zoe');
    const nameless = await ProgramPeer.hello(it_.up);
    zoe.send('bob: x\n');
    await zoe.got('* you may not write to bob');
    nameless.say(send(['help', 'bob'], { id: 'm-1' }));
    expect(await nameless.got('accepted')).toMatchObject([{ to: { help: 'unknown', bob: 'forbidden' } }]);
  });

  it('the mailbox of an account is for who proves the name, and a free one for anybody', async () => {
    await using it_ = await AuthBroker.start({ accounts: [accountOf('bob')] }, { AUTH: 'names' });
    await (await peer(it_, 'bob', PASSWORD)).leave();
    const zoe = await it_.up.peer('zoe');
    zoe.send('bob: for bob alone\n');
    await zoe.got('* bob is away: mail is held');
    const thief = await it_.up.connect();
    thief.send('bob\nnot the password\n');
    await thief.gone();
    expect(thief.received).toBe('* password for bob?\n* wrong name, password or token\n');
    const bob = await it_.up.connect();
    bob.send(`bob\n${PASSWORD}\n`);
    await bob.got('from zoe: for bob alone');
  });
});

describe('while peers are here', () => {
  it('those whose token is revoked are sent away, and what they had comes to who has another', async () => {
    const [other, storedOther] = tokenOf(['bob']);
    await using it_ = await AuthBroker.start({ tokens: [storedOpen, storedOther] });
    const thief = await program(it_, 'bob', open);
    const eve = await program(it_, 'eve', open);
    thief.say(send('bob', { id: 'm-1' }));
    await thief.got('message');
    await it_.change({ tokens: [storedOther] });
    for (const gone of [thief, eve]) expect(await gone.got('bye')).toMatchObject([{ code: 'AUTH_WITHDRAWN' }]);
    const bob = await program(it_, 'bob', other);
    expect(await bob.got('message')).toMatchObject([{ body: 'hi', redelivered: true }]);
  });

  it('a file that is damaged changes nothing', async () => {
    await using it_ = await AuthBroker.start({ accounts: [accountOf('bob')] });
    const bob = await peer(it_, 'bob', PASSWORD);
    await it_.damage();
    bob.send('bob: still here\n');
    await bob.got('from bob: still here');
    const again = await it_.up.connect();
    again.send(`bob\n${PASSWORD}\n`);
    await bob.got('* taken over');
    await again.got('* you are bob');
  });
});

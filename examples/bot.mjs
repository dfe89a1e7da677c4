// Answers what people write from nc, such as "bot: dice": node examples/bot.mjs
import { connect } from 'restante';

const bot = await connect(process.env.RESTANTE_URL ?? 'tcp://127.0.0.1:8080', { name: 'bot' });
for await (const message of bot.messages()) {
  const answer = message.body === 'dice' ? `a ${1 + Math.floor(6 * Math.random())}` : 'I only know: dice';
  // An answer gets none, so two bots do not talk for ever. Who asked may be gone: that is no reason to stop.
  if (message.re === undefined) await message.reply(answer).catch(({ code }) => console.error(message.from, code));
  message.ack();
}

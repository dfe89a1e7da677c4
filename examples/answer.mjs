// Adds the numbers that it is asked to add: node examples/answer.mjs
import { connect } from 'restante';

const adder = await connect(process.env.RESTANTE_URL ?? 'tcp://127.0.0.1:8080', { name: 'adder' });
for await (const question of adder.messages()) {
  const numbers = Array.isArray(question.body) ? question.body : [];
  // Who asked may be gone by now: that is no reason to stop.
  await question.reply(numbers.reduce((sum, n) => sum + n, 0)).catch(({ code }) => console.error(question.from, code));
  question.ack();
}

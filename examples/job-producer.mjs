// Gives 20 jobs to the workers that are named, in turn: node examples/job-producer.mjs worker-1 worker-2
import { connect } from 'restante';

const workers = process.argv.slice(2);
const boss = await connect(process.env.RESTANTE_URL ?? 'tcp://127.0.0.1:8080', { name: 'boss' });

for (let n = 1; n <= 20; n++) {
  const worker = workers[n % workers.length];
  // `durable`: the job is on disk before `send` resolves. `id`: a job that is sent again is taken once.
  const sent = await boss.send(worker, { n }, { id: `job-${n}`, durable: true });
  console.log(`job ${n} for ${worker}: ${sent.duplicate ? 'given before' : sent.state}`);
}
await boss.drain();

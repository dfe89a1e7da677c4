// Works off the jobs of a name: node examples/job-worker.mjs worker-1
// Each result is a line in worker-1.done, behind the `seq` of its job: so a job that comes again after a kill is known.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { connect } from 'restante';

const [name = 'worker-1'] = process.argv.slice(2);
const file = `${name}.done`;
const done = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
const last = Number.parseInt(done.at(-1) || '0', 10);

const worker = await connect(process.env.RESTANTE_URL ?? 'tcp://127.0.0.1:8080', { name });
process.once('SIGINT', () => worker.drain());

for await (const job of worker.messages()) {
  const n = job.body?.n;
  if (typeof n !== 'number') {
    job.reject('no job');
    continue;
  }
  if (job.seq > last) appendFileSync(file, `${job.seq} ${n * n}\n`);
  job.ack();
}

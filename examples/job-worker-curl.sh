#!/usr/bin/env bash
# Works off the jobs of a name, with nothing but curl and jq: bash examples/job-worker-curl.sh worker-1
# Each result is a line in worker-1.done, behind the `seq` of its job: so a job that comes again after a kill is known.
set -o pipefail
name=${1:-worker-1}
mail=${RESTANTE_HTTP:-http://127.0.0.1:8081}/v1/mail/$name
words='[.seq, (.body.n? | numbers | . * .) // "none"] | join(" ")'

while true; do
  last=$(tail -n 1 "$name.done" 2>/dev/null | cut -d ' ' -f 1)
  # A request fails while the broker is away, and while somebody else has the name.
  jobs=$(curl -sf "$mail?wait=30&limit=10" | jq -r "$words") || { sleep 1; continue; }
  [ -n "$jobs" ] || continue
  while read -r seq result; do
    # What is no job is acknowledged with the rest.
    [ "$result" = none ] || [ "$seq" -le "${last:-0}" ] || echo "$seq $result" >>"$name.done" || exit 1
    read_last=$seq
  done <<<"$jobs"
  curl -sf "$mail/ack" -d "{\"seq\":$read_last}" >/dev/null
done

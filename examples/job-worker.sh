#!/usr/bin/env bash
# Works off the jobs of a name: bash examples/job-worker.sh worker-1
# Each result is a line in worker-1.done, behind the `seq` of its job: so a job that comes again after a kill is known.
name=${1:-worker-1}
IFS=:/ read -r _ _ _ host port <<<"${RESTANTE_URL:-tcp://127.0.0.1:8080}"
words='[.type, .seq // .retry // "none", (.body?.n? | numbers | . * .) // "none", .message // ""] | join(" ")'
folder=$(mktemp -d) && trap 'rm -r "$folder"' EXIT && mkfifo "$folder/said" || exit

while true; do
  last=$(tail -n 1 "$name.done" 2>/dev/null | cut -d ' ' -f 1)
  # The broker pings sooner: after 60 seconds of silence it is gone.
  nc -w 60 "$host" "$port" <"$folder/said" | jq --unbuffered -r "$words" | {
    jq -cn --arg name "$name" '{type: "hello", v: 1, name: $name}'
    while read -r type number result text; do
      case $type/$result in
        ping/*) echo '{"type":"pong"}' ;;
        message/none) echo '{"type":"reject","seq":'"$number"',"reason":"no job"}' ;;
        message/*)
          [ "$number" -le "${last:-0}" ] || echo "$number $result" >>"$name.done" || exit 2
          echo '{"type":"ack","seq":'"$number"'}' ;;
        bye/*)
          [ "$number" = none ] || break
          echo "$text" >&2 && exit 2 ;;
      esac
    done
  } >"$folder/said"
  [ $? -eq 2 ] && exit 1
  sleep 1 # The broker has gone: try again.
done

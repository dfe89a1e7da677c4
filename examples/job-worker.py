"""Works off the jobs of a name: python3 examples/job-worker.py worker-1"""
import contextlib, json, os, signal, socket, sys, time
from urllib.parse import urlsplit

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
url = urlsplit(os.environ.get("RESTANTE_URL", "tcp://127.0.0.1:8080"))
name = sys.argv[1] if len(sys.argv) > 1 else "worker-1"
done = open(name + ".done", "a+")  # each result behind the seq of its job: so a job that comes again is known
done.seek(0)
last = max((int(line.split()[0]) for line in done), default=0)
while True:
    with contextlib.suppress(OSError, ValueError), socket.create_connection((url.hostname, url.port)) as broker:
        say = lambda **words: broker.sendall(json.dumps(words).encode() + b"\n")
        say(type="hello", v=1, name=name)
        for heard in map(json.loads, broker.makefile(encoding="utf-8")):
            if heard["type"] == "ping":
                say(type="pong")
            elif heard["type"] == "bye" and "retry" not in heard:
                sys.exit(heard["message"])
            elif heard["type"] == "message":
                try:
                    if heard["seq"] > last:
                        print(heard["seq"], heard["body"]["n"] * heard["body"]["n"], file=done, flush=True)
                        last = heard["seq"]
                    say(type="ack", seq=heard["seq"])
                except (KeyError, TypeError):
                    say(type="reject", seq=heard["seq"], reason="no job")
    time.sleep(1)  # The broker has gone: try again.

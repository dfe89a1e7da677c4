// Works off the jobs of a name until the broker ends: go run examples/job-worker.go worker-1
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	name, last, address := os.Args[1], int64(0), strings.TrimPrefix(os.Getenv("RESTANTE_URL"), "tcp://")
	if address == "" {
		address = "127.0.0.1:8080"
	}
	// Each result stands behind the seq of its job: so a job that comes again after a kill is known.
	done := must(os.OpenFile(name+".done", os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644))
	for found := 2; found == 2; found, _ = fmt.Fscanln(done, &last, new(float64)) {
	}
	broker := must(net.Dial("tcp", address))
	must(fmt.Fprintf(broker, `{"type":"hello","v":1,"name":%q}`+"\n", name))
	for lines := json.NewDecoder(broker); ; {
		var heard struct {
			Type, Message string
			Seq           int64
			Body          struct{ N *float64 }
		}
		err := lines.Decode(&heard)
		switch n := heard.Body.N; {
		case heard.Type == "" || heard.Type == "bye":
			log.Fatal(heard.Message, err)
		case heard.Type == "ping":
			must(fmt.Fprintln(broker, `{"type":"pong"}`))
		case heard.Type == "message" && n == nil:
			must(fmt.Fprintf(broker, `{"type":"reject","seq":%d,"reason":"no job"}`+"\n", heard.Seq))
		case heard.Type == "message":
			if heard.Seq > last {
				must(fmt.Fprintln(done, heard.Seq, *n**n))
			}
			must(fmt.Fprintf(broker, `{"type":"ack","seq":%d}`+"\n", heard.Seq))
		}
	}
}

#!/usr/bin/env bash
# Four JVMs with a server that counts with simpleclient and knows nothing of Multiprom, under the
# agent. Shows that each of them and the port that they share give the numbers of all four, also
# after a SIGKILL of the one that serves that port. After `mvn package`: examples/agent/agent.sh.
# Exit code 0 if all numbers are right.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
agent=${MULTIPROM_AGENT:-$root/integrations/agent/target/multiprom-agent.jar}
examples=${MULTIPROM_EXAMPLES:-$(ls "$root"/examples/target/multiprom-examples-*.jar | tail -n 1)}
# For the simpleclient in it, which is all that the server gets of it.
multiprom=${MULTIPROM_JAR:-$root/exposition/target/multiprom.jar}
options=(-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
requests=25

# In memory where there is such a file system: a disk can make a worker wait.
if [ -w /dev/shm ]; then parent=/dev/shm; else parent=${TMPDIR:-/tmp}; fi
dir=$(mktemp -d "$parent/multiprom-agent-XXXXXX")
simpleclient=$dir.simpleclient
mkdir "$simpleclient"
(cd "$simpleclient" && "${java%java}jar" xf "$multiprom" io/prometheus)
started=()
cleanup() {
  kill -9 "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir" "$dir".*.log "$simpleclient"
}
trap cleanup EXIT

# Free ports below those that the kernel gives to clients.
next_port=$((20000 + RANDOM % 10000))
free_port() {
  while (exec 3<>"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do next_port=$((next_port + 1)); done
  port=$next_port
  next_port=$((next_port + 1))
}

# await SECONDS WHAT COMMAND...
await() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "not in time: $what" >&2
      tail -n 5 "$dir".*.log >&2
      return 1
    fi
    sleep 0.2
  done
}

# numbers PORT: what is the same wherever it is read.
numbers() {
  curl -sf "http://127.0.0.1:$1/metrics" | tr -d ' ' | sed 's/,}/}/; s/\.0$//' |
    grep -E '^plain_(requests_total|latency_seconds_count)' | sort
}

# shows PORT COUNT: whether it shows so many requests.
shows() {
  [ "$(numbers "$1")" = "plain_latency_seconds_count$2
plain_requests_total{path=\"/cart\"}$2" ]
}

free_port; shared=$port
ports=()
# start NUMBER: the application's command line, and the agent before it.
start() {
  free_port
  ports[$1]=$port
  "$java" "${options[@]}" "-javaagent:$agent=$shared,dir=$dir,worker=web-$1,log=all" \
    -classpath "$examples:$simpleclient" \
    io.github.multiprom.examples.PlainServer "$port" >"$dir.$1.log" 2>&1 &
  started[$1]=$!
}
# The first one serves the port that all share, until it is killed.
start 1
await 60 "a server with the shared port" grep -q 'by this process' "$dir.1.log"
for number in 2 3 4; do start "$number"; done
for number in 1 2 3 4; do
  await 60 "server $number" curl -sf "http://127.0.0.1:${ports[$number]}/metrics" -o /dev/null
done

for number in 1 2 3 4; do
  for ((i = 0; i < requests; i++)); do
    curl -sf "http://127.0.0.1:${ports[$number]}/cart"
  done
done
count=$((4 * requests))
for number in 1 2 3 4; do
  await 60 "$count requests at server $number" shows "${ports[$number]}" "$count"
  echo "server $number shows $(numbers "${ports[$number]}" | tail -n 1)"
done
await 60 "$count requests at the shared port" shows "$shared" "$count"
echo "shared port shows $(numbers "$shared" | tail -n 1)"

kill -9 "${started[1]}"
wait "${started[1]}" 2>/dev/null || true
for ((i = 0; i < requests; i++)); do
  curl -sf "http://127.0.0.1:${ports[2]}/cart"
done
count=$((count + requests))
await 60 "$count requests at the shared port" shows "$shared" "$count"
echo "after a SIGKILL of server 1, and $requests requests more:"
echo "shared port shows $(numbers "$shared" | tail -n 1)"
echo OK

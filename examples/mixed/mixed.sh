#!/usr/bin/env bash
# A pre-fork server in Python with two workers, and two JVMs, which count the same metrics in one
# directory, behind one scrape. Prints what the scrape says beside what the workers did: with all
# four, after a SIGKILL of one of each language, and after files of Python were retired. After
# `mvn package`: examples/mixed/mixed.sh. Exit code 0 if all numbers are right.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jar=${MULTIPROM_JAR:-$root/exposition/target/multiprom.jar}
examples=${MULTIPROM_EXAMPLES:-$(ls "$root"/examples/target/multiprom-examples-*.jar | tail -n 1)}
python=${PYTHON:-/usr/bin/python3}
options=(-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)

if ! "$python" -c 'import prometheus_client' 2>/dev/null || ! command -v curl >/dev/null; then
  echo "client_python or curl is missing: apt-get install python3-prometheus-client curl" >&2
  exit 2
fi

# In memory where there is such a file system: a disk can make a worker wait.
if [ -w /dev/shm ]; then parent=/dev/shm; else parent=${TMPDIR:-/tmp}; fi
mixed=$(mktemp -d "$parent/multiprom-mixed-XXXXXX")
metrics=$mixed/metrics
mkdir "$metrics"
started=()
cleanup() {
  touch "$mixed/end"
  kill -9 "${started[@]}" $(workers_of python) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$mixed"
}
trap cleanup EXIT

# The process ids that the Python workers told.
workers_of() { sed -n 's/^worker [0-9]* //p' "$mixed/$1.log" 2>/dev/null || true; }

# await SECONDS WHAT COMMAND...
await() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "not in time: $what" >&2
      tail -n 5 "$mixed"/*.log >&2
      return 1
    fi
    sleep 0.2
  done
}

# Worker n counts 100 n jobs in each round: 1 and 2 are JVMs, 3 and 4 Python.
export PROMETHEUS_MULTIPROC_DIR=$metrics
for number in 1 2; do
  "$java" "${options[@]}" -classpath "$examples:$jar" io.github.multiprom.examples.FleetWorker \
    "$number" "$mixed" >"$mixed/java-$number.log" 2>&1 &
  started+=($!)
done
"$python" "$here/server.py" "$mixed" 3 4 >"$mixed/python.log" 2>&1 &
started+=($!)
"$java" "${options[@]}" -jar "$jar" serve --python --port 0 "$metrics" >"$mixed/serve.log" 2>&1 &
started+=($!)
await 60 "the endpoint" grep -q '^listening' "$mixed/serve.log"
url=$(sed -n 's/^listening on //p' "$mixed/serve.log")

scrape() { curl -s --max-time 10 "$url"; }
# value NAME: of a sample without labels.
value() { sed -n "s/^$1 //p"; }

# row WHAT EXPECTED SAMPLE
row() {
  local found
  found=$(value "$3" <"$mixed/scrape")
  if [ "$found" = "$2" ]; then found="$found"; else
    found="${found:-nothing}  NOT EQUAL"
    right=false
  fi
  printf '%-34s %10s %10s\n' "$1" "$2" "$found"
}

# compare WHAT JOBS IN-FLIGHT LIVE
compare() {
  right=true
  scrape >"$mixed/scrape" || true
  printf '%-34s %10s %10s\n' "$1" expected scraped
  row "jobs counted" "$2" fleet_jobs_total
  row "jobs timed" "$2" fleet_job_seconds_count
  row "in flight, LIVESUM" "$3" fleet_in_flight
  row "live workers, and the master" "$4" 'multiprom_workers{state="live",}'
  $right
}
kept() { compare "$@" >"$mixed/compared"; }
settled() {
  local right=true
  await 60 "right numbers" kept "$@" || right=false
  cat "$mixed/compared"
  echo
  $right
}

result=0
echo
# The master, which loaded the application, has files of its own.
await 60 "four workers" kept "" 0 10 5
touch "$mixed/round-1"
settled "two Python workers and two JVMs" 1000 10 5 || result=1

kill -9 "${started[0]}" "$(sed -n 's/^worker 3 //p' "$mixed/python.log")"
settled "after SIGKILL of one of each" 1000 6 3 || result=1
touch "$mixed/round-2"
settled "when the others went on" 1600 6 3 || result=1

before=$(ls "$metrics" | grep -c '\.db$')
"$java" "${options[@]}" -jar "$jar" cat --retire-python "$metrics" >"$mixed/scrape"
after=$(ls "$metrics" | grep -c '\.db')
echo "files of Python: $before, and $after after cat --retire-python"
[ "$after" -lt "$before" ] || result=1
settled "with retired files" 1600 6 3 || result=1
if [ "$result" = 0 ]; then echo "Equal: what the workers did, and what the scrape says."; else echo "NOT EQUAL"; fi
exit "$result"

#!/usr/bin/env bash
# Three hosts on loopback, each a metrics directory with two worker JVMs that share a port. A
# Prometheus in agent mode scrapes them and writes to a Prometheus with rules and to
# VictoriaMetrics. Prints what both say beside what the workers did, before and after a SIGKILL of
# the worker that serves its host. After `mvn package`: examples/fleet/fleet.sh. Exit code 0 if all
# numbers are right.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jar=${MULTIPROM_JAR:-$root/exposition/target/multiprom.jar}
examples=${MULTIPROM_EXAMPLES:-$(ls "$root"/examples/target/multiprom-examples-*.jar | tail -n 1)}
options=(-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)

for program in prometheus promtool victoria-metrics curl; do
  if ! command -v "$program" >/dev/null; then
    echo "$program is missing: apt-get install prometheus victoria-metrics curl" >&2
    exit 2
  fi
done

# In memory where there is such a file system: a disk can make a worker wait.
if [ -w /dev/shm ]; then parent=/dev/shm; else parent=${TMPDIR:-/tmp}; fi
fleet=$(mktemp -d "$parent/multiprom-fleet-XXXXXX")
started=()
cleanup() {
  kill -9 "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$fleet"
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
      tail -n 5 "$fleet"/*.log >&2
      return 1
    fi
    sleep 0.2
  done
}

# Worker n (its host's number times its own) counts 100 n jobs in each round.
free_port; host_1=$port
free_port; host_2=$port
free_port; host_3=$port
free_port; store=$port
free_port; central=$port
free_port; agent=$port
declare -A pid
# start HOST WORKER
start() {
  local address=host_$1
  "$java" "${options[@]}" -Dmultiprom.dir="$fleet/host-$1" -Dmultiprom.worker="web-$2" \
    -Dmultiprom.port="${!address}" -classpath "$examples:$jar" \
    io.github.multiprom.examples.FleetWorker $(($1 * $2)) "$fleet" \
    >"$fleet/host-$1-web-$2.log" 2>&1 &
  pid[$1-$2]=$!
  started+=($!)
}
# The first worker of a host serves it, until it is killed.
start 3 2
await 60 "a worker that serves" grep -q 'by this process' "$fleet/host-3-web-2.log"
for other in "1 1" "1 2" "2 1" "2 2" "3 1"; do
  # shellcheck disable=SC2086
  start $other
done

# The configuration as it is, with the ports of this run and quicker.
configure() {
  sed -e 's/interval: 15s/interval: 1s/' -e "s/127.0.0.1:8428/127.0.0.1:$store/" \
    -e "s/127.0.0.1:9090/127.0.0.1:$central/" -e "s/127.0.0.1:9501/127.0.0.1:$host_1/" \
    -e "s/127.0.0.1:9502/127.0.0.1:$host_2/" -e "s/127.0.0.1:9503/127.0.0.1:$host_3/" \
    "$here/$1" >"$fleet/$1"
}
configure agent.yml
configure central.yml
configure targets.json

six_workers() { [ "$(cat "$fleet"/*.log | grep -c '^ready$')" = 6 ]; }
await 60 "six workers" six_workers
"$java" "${options[@]}" -jar "$jar" rules --dir "$fleet/host-1" >"$fleet/fleet-rules.yml"
promtool check rules "$fleet/fleet-rules.yml" >/dev/null
# The first line names the directory.
diff <(tail -n +2 "$here/fleet-rules.yml") <(tail -n +2 "$fleet/fleet-rules.yml")

victoria-metrics -storageDataPath="$fleet/store" -httpListenAddr="127.0.0.1:$store" \
  -search.latencyOffset=1ms -search.disableCache >"$fleet/store.log" 2>&1 &
started+=($!)
prometheus --web.enable-remote-write-receiver --config.file="$fleet/central.yml" \
  --storage.tsdb.path="$fleet/central" --web.listen-address="127.0.0.1:$central" \
  >"$fleet/central.log" 2>&1 &
started+=($!)
prometheus --enable-feature=agent --config.file="$fleet/agent.yml" \
  --storage.agent.path="$fleet/agent" --web.listen-address="127.0.0.1:$agent" \
  >"$fleet/agent.log" 2>&1 &
started+=($!)

# ask PORT QUERY: the value of the one result, nothing if there is another number of results.
ask() {
  local values
  values=$(curl -sG --max-time 10 "127.0.0.1:$1/api/v1/query" --data-urlencode "query=$2" |
    grep -o '"value":\[[^]]*]' | sed 's/.*,"\(.*\)"]/\1/') || true
  if [ "$(wc -l <<<"$values")" = 1 ]; then echo "$values"; fi
}

# near A B TOLERANCE: whether two numbers are as near as that, relative to the first.
near() {
  awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; exit !(b != "" && d <= t * a && -d <= t * a) }'
}

# row EXPECTED TOLERANCE WHAT QUERY-FOR-PROMETHEUS QUERY-FOR-THE-STORE
row() {
  local found_central found_store mark=
  found_central=$(ask "$central" "$4")
  found_store=$(ask "$store" "$5")
  if ! near "$1" "$found_central" "$2" || ! near "$1" "$found_store" "$2"; then
    mark="  NOT EQUAL"
    equal=false
  fi
  printf '%-44s %10.6g %12.6g %16.6g%s\n' "$3" "$1" "${found_central:-nan}" "${found_store:-nan}" "$mark"
}

# compare JOBS UP-TO-A-TENTH IN-FLIGHT PEAK FREE LIVE
compare() {
  local jobs=$1 tenth=$2 by='sum without (instance)' median
  # The bucket from 0.1 to 1 has all other observations.
  median=$(awk -v n="$jobs" -v t="$tenth" 'BEGIN { printf "%.9f", 0.1 + 0.9 * (n / 2 - t) / (n - t) }')
  equal=true
  printf '%-44s %10s %12s %16s\n' "$7" expected Prometheus VictoriaMetrics
  row "$jobs" 0 "jobs counted" "$by (fleet_jobs_total)" "$by (fleet_jobs_total)"
  row "$jobs" 0 "jobs timed" "$by (fleet_job_seconds_count)" "$by (fleet_job_seconds_count)"
  row 0 0 "counters that fell" "sum(resets(fleet_jobs_total[10m]))" "sum(resets(fleet_jobs_total[10m]))"
  row "$3" 0 "in flight, LIVESUM: sum" "job:fleet_in_flight:sum" "$by (fleet_in_flight)"
  row "$4" 0 "peak bytes, LIVEMAX: max" "job:fleet_peak_bytes:max" "max without (instance) (fleet_peak_bytes)"
  row "$5" 0 "free slots, LIVEMIN: min" "job:fleet_free_slots:min" "min without (instance) (fleet_free_slots)"
  row "$6" 0 "heap bytes, LIVEALL: series kept" "count(fleet_heap_bytes)" "count(fleet_heap_bytes)"
  row 3 0 "last run, MOSTRECENT: series kept" "count(fleet_last_run_seconds)" "count(fleet_last_run_seconds)"
  row "$6" 0 "live workers" 'sum(multiprom_workers{state="live"})' 'sum(multiprom_workers{state="live"})'
  row "$median" 1e-6 "median of all jobs" \
    "histogram_quantile(0.5, $by (fleet_job_seconds_bucket))" \
    "histogram_quantile(0.5, $by (fleet_job_seconds_bucket))"
  # Rates are extrapolated, by each in its own way.
  row "$median" 0.1 "median by the rates, nearly" \
    "histogram_quantile(0.5, job:fleet_job_seconds_bucket:rate5m)" \
    "histogram_quantile(0.5, $by (rate(fleet_job_seconds_bucket[5m])))"
  $equal
}

# The whole comparison, when it has become right and two scrapes later; else what is wrong.
settled() {
  local right=true
  await 60 "right numbers" kept "$@" 2>/dev/null || right=false
  sleep 3
  # Until they are: there are no values after a scrape that fails, as on a machine with other load.
  await 30 "right numbers still" kept "$@" 2>/dev/null || right=false
  cat "$fleet/compared"
  echo
  $right
}
kept() { compare "$@" >"$fleet/compared"; }

three_hosts() {
  local query='count(fleet_jobs_total == 0)'
  [ "$(ask "$central" "$query")" = 3 ] && [ "$(ask "$store" "$query")" = 3 ]
}
await 60 "three hosts in both stores" three_hosts

result=0
echo
touch "$fleet/round-1"
settled 1800 500 18 600 4 6 "six workers on three hosts" || result=1

kill -9 "${pid[3-2]}"
killed=$SECONDS
touch "$fleet/round-2"
settled 3000 1000 12 400 6 5 "after SIGKILL of a worker, which served" || result=1

# The other worker of the host serves it now.
since="up{instance=\"host-3\"}[$((SECONDS - killed))s]"
missed=$(ask "$central" "sum(count_over_time($since) - sum_over_time($since))")
scrapes=$(ask "$central" "sum(count_over_time($since))")
echo "scrapes of that host without an answer since: ${missed:-?} of ${scrapes:-?}"
if [ "$result" = 0 ]; then
  echo "Equal: what the workers did, Prometheus and VictoriaMetrics."
else
  echo "NOT EQUAL"
fi
exit "$result"

#!/bin/sh
# Runs many short-lived JVMs, one after the other, which count into one directory, then prints the
# totals. After `mvn package`: examples/batch-loop.sh [RUNS [ITEMS]]
set -eu

runs=${1:-200}
items=${2:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jar=$root/exposition/target/multiprom.jar
job=$(ls "$root"/examples/target/multiprom-examples-*.jar | tail -n 1)

# In memory where there is such a file system: a disk can make a job wait.
if [ -w /dev/shm ]; then parent=/dev/shm; else parent=${TMPDIR:-/tmp}; fi
dir=$(mktemp -d "$parent/multiprom-XXXXXX")
archive=$dir.jsa
trap 'rm -rf "$dir" "$archive"' EXIT

# The first run leaves an archive of its classes, which halves what loading them costs the others.
share=-XX:ArchiveClassesAtExit=$archive
run=0
while [ "$run" -lt "$runs" ]; do
  "$java" "$share" -Xlog:cds=off -Xlog:cds+dynamic=off -Dmultiprom.dir="$dir" \
    -classpath "$job:$jar" io.github.multiprom.examples.BatchJob "$items"
  share=-XX:SharedArchiveFile=$archive
  run=$((run + 1))
done

"$java" -jar "$jar" cat --dir "$dir" | grep '^batch_'

package io.github.multiprom.cli;

import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.store.FileStatus;
import io.github.multiprom.store.MetricsDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the workers of a directory. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = "Lists the workers of the directory, and the retained totals.")
final class ListCommand implements Callable<Integer> {
  private static final String[] HEADINGS = {
    "WORKER", "PID", "STATE", "SINCE", "SERIES", "LANES", "BYTES", "FILE"
  };
  private static final String RETIRED_WORKERS = "multiprom_retired_workers";

  @Spec private CommandSpec spec;

  @Mixin private DirectoryOption directory;

  @Override
  public Integer call() throws IOException {
    List<String[]> rows = new ArrayList<>();
    rows.add(HEADINGS);
    FileStatus retained = null;
    for (FileStatus file : new MetricsDirectory(directory.existing()).files()) {
      if (file.retained()) {
        retained = file;
      } else {
        rows.add(row(file));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    print(rows, out);
    out.println(retained == null ? "retained: nothing" : "retained: " + totals(retained));
    out.flush();
    return 0;
  }

  private static String[] row(FileStatus file) {
    String name = file.file().getFileName().toString();
    Snapshot snapshot = file.snapshot();
    if (snapshot == null) {
      return new String[] {
        "-", "-", "unreadable", "-", "-", "-", Long.toString(file.bytes()), name
      };
    }
    // A live worker since it started; a dead one, as far as is known, since its exit or last beat.
    long since =
        snapshot.live()
            ? snapshot.worker().createdNanos()
            : Math.max(snapshot.exitNanos(), snapshot.beatNanos());
    return new String[] {
      snapshot.worker().workerName(),
      Long.toString(snapshot.worker().pid()),
      (snapshot.live() ? "live" : "dead") + (file.problem() == null ? "" : ", damaged"),
      Instant.ofEpochMilli(since / EpochClock.NANOS_PER_MILLISECOND)
          .truncatedTo(ChronoUnit.SECONDS)
          .toString(),
      Integer.toString(snapshot.catalog().series().size()),
      Integer.toString(file.laneCount()),
      Long.toString(file.bytes()),
      name
    };
  }

  private static String totals(FileStatus retained) {
    if (retained.snapshot() == null) {
      return "unreadable: " + retained.problem();
    }
    double workers = 0;
    Snapshot snapshot = retained.snapshot();
    for (SeriesDescriptor series : snapshot.catalog().series()) {
      if (snapshot.catalog().familyOf(series).type() == MetricType.COUNTER
          && snapshot.catalog().familyOf(series).name().equals(RETIRED_WORKERS)) {
        workers += snapshot.high()[series.firstCell()];
      }
    }
    return (long) workers
        + " workers, "
        + snapshot.catalog().series().size()
        + " series, "
        + retained.bytes()
        + " bytes";
  }

  private static void print(List<String[]> rows, PrintWriter out) {
    int[] widths = new int[HEADINGS.length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}

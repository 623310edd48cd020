package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.FileStatus;
import io.github.multiprom.internal.directory.MetricsDirectory;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the workers of a directory. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = "Lists the workers of the directory, and the retained totals.")
final class ListCommand implements Callable<Integer> {
  private static final List<String> HEADINGS =
      List.of("WORKER", "PID", "STATE", "STARTED", "ENDED", "SERIES", "BYTES", "FILE");
  private static final String RETIRED_WORKERS = "multiprom_retired_workers";
  private static final String NONE = "-";

  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  @Option(
      names = {"-v", "--verbose"},
      description =
          "Also how many lanes a file has, of single threads and shared ones, beside the first.")
  private boolean verbose;

  @Override
  public Integer call() throws IOException {
    MetricsDirectory metrics = new MetricsDirectory(directory.existing());
    List<FileStatus> workers = new ArrayList<>();
    List<FileStatus> totals = new ArrayList<>();
    for (FileStatus file : metrics.files()) {
      (file.retained() ? totals : workers).add(file);
    }
    int others = metrics.foreignFiles();
    PrintWriter out = spec.commandLine().getOut();
    if (workers.isEmpty() && totals.isEmpty() && others > 0) {
      out.println(Words.noneOf(others));
    } else {
      workers.sort(BY_STATE_AND_NAME);
      print(workers, out);
      totals.forEach(file -> out.println(Words.plain("retained: " + totals(file, totals.size()))));
      if (totals.isEmpty()) {
        out.println("retained: nothing");
      }
      if (others > 0) {
        out.println("not of Multiprom: " + Words.count(others, "file"));
      }
    }
    out.flush();
    return 0;
  }

  private static final Comparator<FileStatus> BY_STATE_AND_NAME =
      Comparator.comparing(ListCommand::rank)
          .thenComparing(
              file -> file.snapshot() == null ? "" : file.snapshot().worker().workerName())
          .thenComparing(
              file -> file.snapshot() == null ? 0 : file.snapshot().worker().createdNanos());

  /** Live, dead, unreadable. */
  private static int rank(FileStatus file) {
    if (file.snapshot() == null) {
      return 2;
    }
    return file.snapshot().live() ? 0 : 1;
  }

  private List<String> row(FileStatus file) {
    List<String> row = new ArrayList<>();
    Snapshot snapshot = file.snapshot();
    if (snapshot == null) {
      row.addAll(List.of(NONE, NONE, "unreadable", NONE, NONE, NONE));
    } else {
      row.add(snapshot.worker().workerName());
      row.add(Long.toString(snapshot.worker().pid()));
      row.add((snapshot.live() ? "live" : "dead") + (file.problem() == null ? "" : ", damaged"));
      row.add(time(snapshot.worker().createdNanos()));
      // As far as is known: its exit, else its last beat.
      long ended = Math.max(snapshot.exitNanos(), snapshot.beatNanos());
      row.add(snapshot.live() ? NONE : time(ended));
      row.add(Integer.toString(snapshot.catalog().series().size()));
    }
    if (verbose) {
      row.add(snapshot == null ? NONE : Integer.toString(file.laneCount()));
    }
    row.add(Long.toString(file.bytes()));
    row.add(file.file().getFileName().toString());
    return row.stream().map(Words::plain).toList();
  }

  private static String time(long nanos) {
    return Instant.ofEpochMilli(nanos / EpochClock.NANOS_PER_MILLISECOND)
        .truncatedTo(ChronoUnit.SECONDS)
        .toString();
  }

  private static String totals(FileStatus retained, int files) {
    // Users who share a directory have one each.
    String name = files == 1 ? "" : retained.file().getFileName() + ": ";
    if (retained.snapshot() == null) {
      return name + "unreadable: " + retained.problem();
    }
    double workers = 0;
    Snapshot snapshot = retained.snapshot();
    for (SeriesDescriptor series : snapshot.catalog().series()) {
      if (snapshot.catalog().familyOf(series).type() == MetricType.COUNTER
          && snapshot.catalog().familyOf(series).name().equals(RETIRED_WORKERS)) {
        workers += snapshot.high()[series.firstCell()];
      }
    }
    return name
        + Words.count((long) workers, "worker")
        + ", "
        + Words.count(snapshot.catalog().series().size(), "series")
        + ", "
        + Words.count(retained.bytes(), "byte")
        + (retained.problem() == null ? "" : ", damaged: " + retained.problem());
  }

  private void print(List<FileStatus> files, PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    List<String> headings = new ArrayList<>(HEADINGS);
    if (verbose) {
      headings.add(headings.indexOf("BYTES"), "LANES");
    }
    rows.add(headings);
    files.forEach(file -> rows.add(row(file)));
    int[] widths = new int[headings.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}

package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints recording rules for several hosts. */
@Command(
    name = "rules",
    mixinStandardHelpOptions = true,
    description =
        "Prints recording rules for Prometheus that merge what several hosts count: rates of"
            + " counters and histograms as sums, gauges by their modes. One host's directory tells"
            + " the types and modes, while its workers run.")
final class RulesCommand implements Callable<Integer> {
  /** What Multiprom says of itself is of one host, and has rules of its own in the examples. */
  private static final String OWN_PREFIX = "multiprom_";

  private static final Pattern DURATION = Pattern.compile("[1-9][0-9]{0,9}(ms|[smhdwy])");

  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  private List<String> without = List.of("instance");

  private String window = "5m";

  @Option(
      names = "--without",
      paramLabel = "L",
      split = ",",
      description = "The labels that tell hosts apart, parted by commas; by default instance.")
  void setWithout(List<String> labels) {
    for (String label : labels) {
      try {
        FamilyDescriptor.checkLabelName(label);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
      if (label.equals("le") || label.equals("quantile")) {
        throw new ParameterException(
            spec.commandLine(), "--without cannot be " + label + ", which parts no hosts");
      }
    }
    without = List.copyOf(labels);
  }

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      description = "Over which rates are taken, at least four scrape intervals; by default 5m.")
  void setWindow(String duration) {
    if (!DURATION.matcher(duration).matches()) {
      throw new ParameterException(
          spec.commandLine(), "--window must be a number and its unit, as 5m: " + duration);
    }
    window = duration;
  }

  @Override
  public Integer call() throws IOException {
    Path path = directory.existing();
    DirectoryReader reader = new DirectoryReader(path);
    try (MultiprocessCollector collector =
        new MultiprocessCollector(
            new LookingOn(reader), MultiprocessCollector.DEFAULT_WORKER_LABEL)) {
      List<FamilyDescriptor> families = families(collector);
      if (families.isEmpty()) {
        throw new CommandFailure("no worker in " + path + " has registered a metric; start one");
      }
      if (reader.read().workers().stream().noneMatch(Snapshot::live)) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("multiprom: no worker is live, so gauges of live workers have no rules here");
        err.flush();
      }
      print(path, families);
    }
    return 0;
  }

  private static List<FamilyDescriptor> families(MultiprocessCollector collector) {
    Predicate<FamilyDescriptor> applications = family -> !family.name().startsWith(OWN_PREFIX);
    return collector.merge(
        applications,
        families -> families.stream().map(MergedFamily::descriptor).filter(applications).toList());
  }

  private void print(Path path, List<FamilyDescriptor> families) {
    RecordingRules rules = new RecordingRules(without, window);
    families.forEach(rules::add);
    PrintWriter out = spec.commandLine().getOut();
    out.println("# Printed by: multiprom rules " + Words.plain(path.toString()));
    rules.lines().forEach(out::println);
    out.flush();
  }

  /** A reader whose collector changes no file: it retires nothing. */
  private record LookingOn(DirectoryReader reader) implements SnapshotReader {
    @Override
    public DirectorySnapshot read() throws IOException {
      return reader.read();
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}

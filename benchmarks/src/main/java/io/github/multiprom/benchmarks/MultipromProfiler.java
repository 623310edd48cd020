package io.github.multiprom.benchmarks;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.MetricType;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Shows as secondary results of JMH what the benchmarked code counted with Multiprom, added up over
 * the forks. One thread, which is JMH's.
 *
 * <pre>{@code
 * java -jar benchmarks.jar LruCacheBenchmark -prof io.github.multiprom.benchmarks.MultipromProfiler
 * }</pre>
 *
 * <p>Each fork gets an empty metrics directory of its own, by the system property {@code
 * multiprom.dir}, and what any JVM counted there in the whole life of the fork is shown, warm-up
 * iterations included. A benchmark of which a fork fails shows nothing, as it has no other results
 * either. The directory is removed when the fork has ended, at the latest with JMH's own process.
 */
public final class MultipromProfiler implements ExternalProfiler {
  private static final String OWN_PREFIX = "multiprom_";
  private static final String HELP =
      """
      Usage: -prof io.github.multiprom.benchmarks.MultipromProfiler:opt1=value1;opt2=value2

      Options accepted by the profiler:

        dir=<path>        Where the temporary metrics directories are made.
                          (default: /dev/shm, or else the directory for temporary files)
        names=<name,...>  The counters to show, without _total.
                          (default: all)
        help              Display help.
      """;

  /** That of the fork that runs: JMH runs one at a time, and makes a profiler per benchmark. */
  private static MetricsFolder folder;

  private final Path parent;
  private final Set<String> names;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(MultipromProfiler::removeFolder));
  }

  /**
   * A profiler for {@code -prof}.
   *
   * @param initLine the options, separated by semicolons; {@code help} describes them
   * @throws ProfilerException if the options cannot be understood, or help is wanted
   */
  public MultipromProfiler(String initLine) throws ProfilerException {
    Path parentOption = null;
    Set<String> namesOption = Set.of();
    for (String option : initLine.split(";", -1)) {
      String value = option.substring(option.indexOf('=') + 1);
      if (option.startsWith("dir=")) {
        parentOption = Path.of(value);
      } else if (option.startsWith("names=")) {
        namesOption = Set.of(value.split(",", -1));
      } else if (option.equals("help")) {
        throw new ProfilerException(HELP);
      } else if (!option.isEmpty()) {
        throw new ProfilerException("Unknown option: " + option + "\n" + HELP);
      }
    }
    parent = parentOption;
    names = namesOption;
  }

  @Override
  public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
    return List.of();
  }

  /** Makes the directory: JMH asks for the options of each fork anew, before the fork begins. */
  @Override
  public Collection<String> addJVMOptions(BenchmarkParams params) {
    return List.of("-Dmultiprom.dir=" + newFolder(parent));
  }

  @Override
  public void beforeTrial(BenchmarkParams params) {
    // The directory exists since the fork's command was made.
  }

  @Override
  public Collection<? extends Result<?>> afterTrial(
      BenchmarkResult result, long pid, File standardOut, File standardError) {
    try (MultiprocessCollector collector = new MultiprocessCollector(folder.path)) {
      return collector.merge(
          family -> family.type() == MetricType.COUNTER && isWanted(family.name()),
          MultipromProfiler::results);
    } finally {
      removeFolder();
    }
  }

  private boolean isWanted(String name) {
    return names.isEmpty() ? !name.startsWith(OWN_PREFIX) : names.contains(name);
  }

  private static List<ScalarResult> results(List<MergedFamily> families) {
    List<ScalarResult> results = new ArrayList<>();
    for (MergedFamily family : families) {
      for (int i = 0; i < family.seriesCount(); i++) {
        results.add(
            new ScalarResult(label(family, i), family.values()[i], "#", AggregationPolicy.SUM));
      }
    }
    return results;
  }

  /** Without what JMH neither escapes nor leaves alone in its JSON. */
  private static String label(MergedFamily family, int series) {
    StringBuilder label = new StringBuilder(family.descriptor().name()).append("_total");
    List<String> labelNames = family.series().get(series).labelNames();
    List<String> labelValues = family.series().get(series).labelValues();
    for (int i = 0; i < labelNames.size(); i++) {
      String value = labelValues.get(i).replaceAll("[\\p{Cntrl}\"\\\\{}\\[\\],]", "_");
      label.append(i == 0 ? '(' : ';').append(labelNames.get(i)).append('=').append(value);
    }
    return label.append(labelNames.isEmpty() ? "" : ")").toString();
  }

  private static synchronized Path newFolder(Path parent) {
    // That of a fork that failed, after which JMH does not call.
    removeFolder();
    try {
      folder = parent == null ? new MetricsFolder() : new MetricsFolder(parent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder.path;
  }

  private static synchronized void removeFolder() {
    if (folder != null) {
      folder.close();
      folder = null;
    }
  }

  @Override
  public boolean allowPrintOut() {
    return true;
  }

  @Override
  public boolean allowPrintErr() {
    return true;
  }

  @Override
  public String getDescription() {
    return "Counters of Multiprom that the benchmarked code incremented, added up over the forks";
  }
}

package io.github.multiprom.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs JMH with forks. */
class MultipromProfilerIT {
  static {
    // Nothing is measured here: other runs of JMH may go on beside it.
    System.setProperty("jmh.ignoreLock", "true");
  }

  private static final int FORKS = 3;
  private static final int WARMUPS = 1;
  private static final int ITERATIONS = 2;

  @TempDir Path parent;

  private Collection<RunResult> run(Class<?> benchmark, String param, String value, String more)
      throws Exception {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(benchmark.getName())
            .param(param, value)
            .mode(Mode.SingleShotTime)
            .forks(FORKS)
            .warmupIterations(WARMUPS)
            .measurementIterations(ITERATIONS)
            .jvmArgs("-XX:TieredStopAtLevel=1", "-Xmx64m")
            .verbosity(VerboseMode.SILENT)
            .addProfiler(MultipromProfiler.class, "dir=" + parent + more);
    return new Runner(options.build()).run();
  }

  private Map<String, Double> shown(String more) throws Exception {
    Collection<RunResult> results = run(LruCacheBenchmark.class, "capacity", "100", more);
    assertEquals(1, results.size());
    RunResult result = results.iterator().next();
    assertEquals(FORKS, result.getBenchmarkResults().size());
    Map<String, Double> shown = new TreeMap<>();
    result.getSecondaryResults().forEach((label, sum) -> shown.put(label, sum.getScore()));
    return shown;
  }

  private int folders() throws IOException {
    try (Stream<Path> folders = Files.list(parent)) {
      return (int) folders.count();
    }
  }

  @Test
  void addsUpOverTheForks() throws Exception {
    int gets = FORKS * (WARMUPS + ITERATIONS) * LruCacheBenchmark.GETS;
    double missed = (double) FORKS * LruCacheBenchmark.KEYS;
    assertEquals(
        Map.of(
            "cache_requests_total(result=hit)",
            gets - missed,
            "cache_requests_total(result=miss)",
            missed),
        shown(""));
    assertEquals(0, folders());
  }

  @Test
  void forgetsAForkThatFails(@TempDir Path other) throws Exception {
    String marker = other.resolve("halted").toString();
    assertEquals(List.of(), List.copyOf(run(HaltingBenchmark.class, "marker", marker, "")));
    assertEquals(1, folders());

    Collection<RunResult> later = run(HaltingBenchmark.class, "marker", marker, "");
    double runs = FORKS * (WARMUPS + ITERATIONS);
    RunResult result = later.iterator().next();
    assertEquals(runs, result.getSecondaryResults().get("runs_total").getScore());
    assertEquals(0, folders());
  }

  @Test
  void showsOnlyTheWantedNames() throws Exception {
    assertEquals(Map.of(), shown(";names=others,and_more"));
  }

  @Test
  void describesItsOptions() {
    for (String options : new String[] {"help", "unknown", "dir"}) {
      ProfilerException e =
          assertThrows(ProfilerException.class, () -> new MultipromProfiler(options));
      assertTrue(e.getMessage().contains("names=<name,...>"), e.getMessage());
    }
  }
}

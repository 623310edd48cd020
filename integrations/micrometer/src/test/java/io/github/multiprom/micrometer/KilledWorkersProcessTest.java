package io.github.multiprom.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Worker;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that end by SIGKILL in the middle of an increment. */
@Tag("field")
@Timeout(120)
class KilledWorkersProcessTest {
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void killAll() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(String name) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                MeterWorker.class.getName(),
                directory.toString(),
                name)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    processes.add(process);
    return process;
  }

  /** The value of a line; -1 if it is not there. */
  private static double value(String text, String sample) {
    return text.lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
        .findFirst()
        .orElse(-1);
  }

  private static String await(MultipromMeterRegistry registry, String sample, double atLeast) {
    String text = registry.scrape();
    while (value(text, sample) < atLeast) {
      LockSupport.parkNanos(POLL_NANOS);
      text = registry.scrape();
    }
    return text;
  }

  @Test
  void loseNothing() throws Exception {
    try (Worker here = Worker.builder().directory(directory).name("here").open();
        MultipromMeterRegistry registry =
            MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT).worker(here).build()) {
      Process first = start("first");
      Process second = start("second");
      await(registry, "heat{worker=\"first\"}", 20);
      String both = await(registry, "heat{worker=\"second\"}", 20);
      double before = value(both, "yardstick_total");
      await(registry, "yardstick_total", before + 10_000);
      first.destroyForcibly().waitFor();
      second.destroyForcibly().waitFor();

      String text = registry.scrape();
      double rounds = value(text, "yardstick_total");
      // Each of the two was in at most one round.
      assertBetween(rounds, value(text, "rounds_total"), rounds + 2);
      double calls = value(text, "calls_seconds_count");
      assertBetween(rounds, calls, rounds + 2);
      assertEquals(calls, value(text, "calls_seconds_bucket{le=\"0.002\"}"));
      assertEquals(calls, value(text, "calls_seconds_bucket{le=\"+Inf\"}"));
      assertEquals(calls / 1000, value(text, "calls_seconds_sum"), calls * 1e-9);
      assertFalse(text.contains("heat{"), text);
      assertFalse(text.contains("calls_seconds_max"), text);
    }
  }

  private static void assertBetween(double least, double value, double most) {
    assertTrue(
        least <= value && value <= most, () -> value + " is not in " + least + " to " + most);
  }
}

package io.github.multiprom.micrometer;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import java.nio.file.Path;
import java.time.Duration;

/** A JVM that counts with Micrometer, and beside it with a counter of Multiprom's own. */
final class MeterWorker {
  private MeterWorker() {}

  /**
   * Counts until it is killed.
   *
   * @param args the directory, and the name of the worker
   */
  public static void main(String[] args) {
    Worker worker = Worker.builder().directory(Path.of(args[0])).name(args[1]).open();
    MultipromMeterRegistry registry =
        MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT).worker(worker).build();
    Gauge.builder("heat", () -> 20).register(registry);
    Counter.Child yardstick =
        Counter.build("yardstick", "Rounds.").worker(worker).create().labels(new String[0]);
    io.micrometer.core.instrument.Counter counter = registry.counter("rounds");
    Timer timer =
        Timer.builder("calls").serviceLevelObjectives(Duration.ofMillis(2)).register(registry);
    while (true) {
      counter.increment();
      timer.record(Duration.ofMillis(1));
      yardstick.inc();
    }
  }
}

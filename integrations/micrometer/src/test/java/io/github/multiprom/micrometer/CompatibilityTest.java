package io.github.multiprom.micrometer;

import io.github.multiprom.metrics.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.tck.MeterRegistryCompatibilityKit;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What Micrometer asks of every registry. */
class CompatibilityTest extends MeterRegistryCompatibilityKit {
  @TempDir static Path directory;
  private static final List<Worker> WORKERS = new ArrayList<>();

  @BeforeAll
  static void tellTheVersion() {
    System.out.println("Micrometer " + Versions.ofMicrometer());
  }

  @AfterAll
  static void closeTheWorkers() {
    WORKERS.forEach(Worker::close);
    WORKERS.clear();
  }

  @Override
  public MeterRegistry registry() {
    try {
      Path own = Files.createTempDirectory(directory, "registry");
      Worker worker = Worker.builder().directory(own).name("w").open();
      WORKERS.add(worker);
      return MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
          .worker(worker)
          .clock(new MockClock())
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Duration step() {
    return PrometheusConfig.DEFAULT.step();
  }
}

package io.github.multiprom.examples;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A worker of the fleet example. It does a known number of jobs whenever it is told to, so that the
 * sums over all hosts are known, too; {@code examples/fleet/fleet.sh} starts some.
 */
public final class FleetWorker {
  private static final int ROUNDS = 2;
  private static final int JOBS_PER_ROUND = 100;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final Counter JOBS =
      Counter.build().name("fleet_jobs_total").help("Jobs done.").register();
  private static final Histogram SECONDS =
      Histogram.build()
          .name("fleet_job_seconds")
          .help("Time of a job.")
          .buckets(0.1, 1, 10)
          .register();
  private static final Gauge IN_FLIGHT =
      Gauge.build()
          .name("fleet_in_flight")
          .help("Jobs being done.")
          .mode(GaugeMode.LIVESUM)
          .register();
  private static final Gauge PEAK_BYTES =
      Gauge.build()
          .name("fleet_peak_bytes")
          .help("The largest job.")
          .mode(GaugeMode.LIVEMAX)
          .register();
  private static final Gauge FREE_SLOTS =
      Gauge.build()
          .name("fleet_free_slots")
          .help("How many more jobs the fullest worker could take.")
          .mode(GaugeMode.LIVEMIN)
          .register();
  private static final Gauge HEAP_BYTES =
      Gauge.build()
          .name("fleet_heap_bytes")
          .help("The heap of each worker.")
          .mode(GaugeMode.LIVEALL)
          .register();
  private static final Gauge LAST_RUN =
      Gauge.build()
          .name("fleet_last_run_seconds")
          .help("When a worker last began a round.")
          .mode(GaugeMode.MOSTRECENT)
          .register();

  private FleetWorker() {}

  /**
   * Does its jobs in each round, and then stays until it is killed.
   *
   * @param args its number, and a folder: a file {@code round-1} there begins the first round
   */
  public static void main(String[] args) {
    int number = Integer.parseInt(args[0]);
    Path folder = Path.of(args[1]);
    IN_FLIGHT.set(number);
    PEAK_BYTES.set(100 * number);
    FREE_SLOTS.set(10 - number);
    HEAP_BYTES.set((double) Runtime.getRuntime().totalMemory());
    LAST_RUN.setToCurrentTime();
    System.out.println("ready");
    for (int round = 1; round <= ROUNDS; round++) {
      await(folder.resolve("round-" + round));
      LAST_RUN.setToCurrentTime();
      for (int job = 0; job < JOBS_PER_ROUND * number; job++) {
        JOBS.inc();
        SECONDS.observe(number * 0.05);
      }
    }
    await(folder.resolve("end"));
  }

  private static void await(Path file) {
    while (!Files.exists(file)) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}

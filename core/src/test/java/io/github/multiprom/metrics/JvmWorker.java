package io.github.multiprom.metrics;

import io.prometheus.client.hotspot.DefaultExports;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A process whose JVM is sampled while it makes garbage. */
final class JvmWorker {
  private static final long PAUSE_NANOS = 5_000_000;
  private static final int GARBAGE_BYTES = 200_000;

  private static byte[] garbage;

  private JvmWorker() {}

  /** Arguments: the directory and the worker's name. */
  public static void main(String[] arguments) {
    Worker worker = Worker.builder().directory(Path.of(arguments[0])).name(arguments[1]).open();
    MergedRegistry registry = MergedRegistry.of(worker);
    DefaultExports.register(registry);
    Counter rounds = Counter.build("rounds", "Rounds.").worker(worker).register(registry);
    while (true) {
      garbage = new byte[GARBAGE_BYTES + (garbage == null ? 0 : 1)];
      rounds.inc();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}

package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.model.EpochClock;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The worker of {@link KillProcessTest}: threads that count until somebody kills the process. Each
 * acknowledges a batch when it is counted, by one write to standard output, which is a pipe: so
 * small a write is whole or not there.
 */
final class KillWorker {
  static final int THREADS = 4;
  static final int BATCH = 256;

  /** Leaves the processors to the JVMs that start. */
  private static final long PAUSE_NANOS = 200_000;

  /** Bytes of an acknowledgement: the thread, and how many batches it has counted. */
  static final int ACKNOWLEDGEMENT_LENGTH = Integer.BYTES + Long.BYTES;

  private static final long WINDOW_MS = 100;

  private KillWorker() {}

  /** Argument: the directory. */
  public static void main(String[] arguments) throws Exception {
    // In every other process most threads share a lane for all their life.
    int maxLanes = ProcessHandle.current().pid() % 2 == 0 ? 1 : StoreOptions.defaultMaxLanes();
    MappedIncarnation worker =
        MappedIncarnation.inDirectory(
            Path.of(arguments[0]), StoreUnderTest.options("worker-1", maxLanes));
    int labelled = worker.addFamily(Fixtures.counter("labelled", "thread"));
    CounterCell counter = Fixtures.addCounter(worker, "whole");
    CounterCell fractions = Fixtures.addCounter(worker, "fractions");
    DistributionCells histogram =
        worker.distribution(
            Fixtures.addSingle(worker, Fixtures.histogram("histogram", List.of(1.0, 2.0))));
    DistributionCells natives =
        worker.distribution(
            Fixtures.addSingle(worker, Fixtures.nativeHistogram("native", List.of(1.0, 2.0))));
    DistributionCells windows =
        worker.distribution(
            Fixtures.addSingle(worker, Fixtures.summaryWithQuantiles("window", WINDOW_MS)));
    keepSnapshots(worker);
    FileOutputStream output = new FileOutputStream(FileDescriptor.out);
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      CounterCell own =
          worker.counter(worker.addSeries(labelled, List.of("" + number), Fixtures.CREATED_MS));
      List<DistributionCells> natively = List.of(natives, windows);
      new Thread(() -> count(number, List.of(counter, own), fractions, histogram, natively, output))
          .start();
    }
  }

  /** Often, so that many are killed while they do. */
  private static void keepSnapshots(MappedIncarnation worker) {
    Thread housekeeper =
        new Thread(
            () -> {
              while (true) {
                worker.beat(EpochClock.nowNanos());
                LockSupport.parkNanos(WINDOW_MS * EpochClock.NANOS_PER_MILLISECOND / 20);
              }
            });
    housekeeper.setDaemon(true);
    housekeeper.start();
  }

  private static void count(
      int number,
      List<CounterCell> wholes,
      CounterCell fractions,
      DistributionCells histogram,
      List<DistributionCells> natives,
      FileOutputStream output) {
    try {
      for (long batches = 1; ; batches++) {
        for (int i = 0; i < BATCH; i++) {
          wholes.forEach(cell -> cell.add(1));
          fractions.add(0.25);
          histogram.observe(i % 3, 0.5);
          double value = valueOf(i);
          natives.get(0).observe(value <= 1 ? 0 : 2, value);
          natives.get(1).observe(0, value);
        }
        acknowledge(number, batches, output);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      // The test that started this process has ended.
      Runtime.getRuntime().halt(1);
    }
  }

  /** What the native histogram observes: of both signs. */
  static double valueOf(int i) {
    return i % 4 * 64 - 95.5;
  }

  private static void acknowledge(int number, long batches, FileOutputStream output)
      throws IOException {
    byte[] bytes = new byte[ACKNOWLEDGEMENT_LENGTH];
    ByteBuffer.wrap(bytes).putInt(number).putLong(batches);
    synchronized (output) {
      output.write(bytes);
    }
  }
}

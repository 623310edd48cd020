package io.github.multiprom.benchmarks;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.store.CounterCell;
import io.github.multiprom.store.MappedIncarnation;
import io.github.multiprom.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Live workers that all have the same counters. One thread. */
final class CounterFiles implements AutoCloseable {
  private final List<MappedIncarnation> workers = new ArrayList<>();

  /**
   * Makes the files.
   *
   * @param lanes how many threads of each worker count; each in every series
   */
  CounterFiles(Path directory, int workerCount, int series, int lanes, boolean fractions)
      throws IOException {
    for (int worker = 0; worker < workerCount; worker++) {
      MappedIncarnation incarnation =
          MappedIncarnation.inDirectory(directory, new StoreOptions("w" + worker, 64));
      workers.add(incarnation);
      int family =
          incarnation.addFamily(
              new FamilyDescriptor(
                  "http_requests",
                  MetricType.COUNTER,
                  "Requests served.",
                  "",
                  List.of("method", "path"),
                  GaugeFold.SUM,
                  false,
                  List.of()));
      CounterCell[] cells = new CounterCell[series];
      for (int i = 0; i < series; i++) {
        cells[i] =
            incarnation.counter(
                incarnation.addSeries(family, List.of("GET", "/path/" + i), 1_000_000_000L));
      }
      count(cells, lanes, fractions);
    }
  }

  private static void count(CounterCell[] cells, int lanes, boolean fractions) {
    List<Thread> threads = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < cells.length; i++) {
                  cells[i].add(fractions && i % 2 == 1 ? i * 0.1 : i);
                }
              });
      threads.add(thread);
      // Alive together, or one would take over the lane of another.
      thread.start();
    }
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public void close() {
    workers.forEach(MappedIncarnation::close);
  }
}

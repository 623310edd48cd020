package io.github.multiprom.internal.cell;

import static io.github.multiprom.internal.worker.Fixtures.CREATED_MS;
import static io.github.multiprom.internal.worker.Fixtures.addCounter;
import static io.github.multiprom.internal.worker.Fixtures.addSingle;
import static io.github.multiprom.internal.worker.Fixtures.counter;
import static io.github.multiprom.internal.worker.Fixtures.histogram;
import static io.github.multiprom.internal.worker.Fixtures.read;
import static io.github.multiprom.internal.worker.Fixtures.sumOf;
import static io.github.multiprom.internal.worker.Fixtures.valuesOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class LanesTest {
  @TempDir Path directory;

  @Test
  void addUpToWhatManyThreadsCounted() throws Exception {
    try (MappedIncarnation worker = open(64)) {
      CounterCell counter = addCounter(worker, "c");
      DistributionCells histogram =
          worker.distribution(addSingle(worker, histogram("h", List.of(1.0))));

      runTogether(
          16,
          thread -> {
            for (int i = 0; i < 10_000; i++) {
              counter.add(1);
              histogram.observe(i & 1, 1);
            }
          });

      assertEquals(160_000, counter.get());
      assertEquals(160_000, sumOf(read(directory).workers().get(0), "c"));
      assertEquals(
          List.of(160_000.0, 80_000.0, 80_000.0),
          valuesOf(read(directory).workers().get(0)).get("h[]"));
      assertArrayEquals(new double[] {160_000, 80_000, 80_000}, histogram.read());
    }
  }

  @Test
  void areExactForMoreThreadsThanLanes() throws Exception {
    try (MappedIncarnation worker = open(3)) {
      CounterCell counter = addCounter(worker, "c");
      DistributionCells histogram =
          worker.distribution(addSingle(worker, histogram("h", List.of(1.0))));
      CountDownLatch all = new CountDownLatch(12);

      runTogether(
          12,
          thread -> {
            counter.add(0.5);
            all.countDown();
            all.await();
            for (int i = 0; i < 20_000; i++) {
              counter.add(1);
              histogram.observe(1, 2);
            }
          });

      assertEquals(240_006, counter.get());
      assertEquals(240_006, sumOf(read(directory).workers().get(0), "c"));
      assertEquals(
          List.of(480_000.0, 0.0, 240_000.0),
          valuesOf(read(directory).workers().get(0)).get("h[]"));
    }
  }

  @Test
  void areExactWithoutAnyLane() throws Exception {
    try (MappedIncarnation worker = open(0)) {
      CounterCell counter = addCounter(worker, "c");
      runTogether(
          4,
          thread -> {
            for (int i = 0; i < 20_000; i++) {
              counter.add(1);
            }
          });
      assertEquals(80_000, sumOf(read(directory).workers().get(0), "c"));
    }
  }

  @Test
  void areHandedOnWhenTheirThreadEnded() throws Exception {
    try (MappedIncarnation worker = open(64)) {
      CounterCell counter = addCounter(worker, "c");
      long length = 0;
      for (int thread = 0; thread < 1000; thread++) {
        runTogether(
            1,
            one -> {
              for (int i = 0; i < 100; i++) {
                counter.add(1);
              }
            });
        length = thread == 0 ? size(worker) : length;
      }

      assertEquals(100_000, counter.get());
      assertEquals(100_000, sumOf(read(directory).workers().get(0), "c"));
      assertEquals(length, size(worker), "one lane is enough for one thread at a time");
    }
  }

  @Test
  void boundTheFileForAThousandThreads() throws Exception {
    try (MappedIncarnation worker = open(8)) {
      CounterCell counter = addCounter(worker, "c");
      for (int round = 0; round < 50; round++) {
        runTogether(
            20,
            thread -> {
              for (int i = 0; i < 100; i++) {
                counter.add(1);
              }
            });
      }
      assertEquals(100_000, counter.get());
      assertEquals(100_000, sumOf(read(directory).workers().get(0), "c"));
      assertTrue(size(worker) <= 32 << 10, "length " + size(worker));
    }
  }

  @Test
  void followAThreadToNewPages() throws Exception {
    try (MappedIncarnation worker = open(2)) {
      int family = worker.addFamily(counter("c", "i"));
      List<CounterCell> counters = new ArrayList<>();
      for (int i = 0; i < 5000; i++) {
        counters.add(worker.counter(worker.addSeries(family, List.of("" + i), CREATED_MS)));
      }
      runTogether(4, thread -> counters.forEach(counter -> counter.add(1)));
      for (List<Double> cells : valuesOf(read(directory).workers().get(0)).values()) {
        assertEquals(List.of(4.0), cells);
      }
    }
  }

  @Test
  void keepSeriesAddedByThreadsThatRaceForThem() throws Exception {
    try (MappedIncarnation worker = open(64)) {
      int family = worker.addFamily(counter("c", "thread", "i"));
      runTogether(
          8,
          thread -> {
            for (int i = 0; i < 500; i++) {
              worker
                  .counter(worker.addSeries(family, List.of("" + thread, "" + i), CREATED_MS))
                  .add(thread + 1);
            }
          });
      var values = valuesOf(read(directory).workers().get(0));
      assertEquals(4000, values.size());
      for (int thread = 0; thread < 8; thread++) {
        for (int i = 0; i < 500; i++) {
          assertEquals(List.of(thread + 1.0), values.get("c" + List.of("" + thread, "" + i)));
        }
      }
    }
  }

  private MappedIncarnation open(int maxLanes) throws IOException {
    return MappedIncarnation.inDirectory(directory, StoreUnderTest.options("w", maxLanes));
  }

  private long size(MappedIncarnation worker) throws IOException {
    return Files.size(StoreFiles.worker(directory, worker.info().incarnation()));
  }

  private interface Work {
    void run(int thread) throws Exception;
  }

  /** Runs work in so many threads and waits for all of them to end. */
  private static void runTogether(int threadCount, Work work) throws Exception {
    List<Throwable> thrown = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      int number = i;
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run(number);
                } catch (Exception | Error e) {
                  synchronized (thrown) {
                    thrown.add(e);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), thrown);
  }
}

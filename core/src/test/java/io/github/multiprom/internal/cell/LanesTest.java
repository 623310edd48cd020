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

import io.github.multiprom.internal.directory.FileStatus;
import io.github.multiprom.internal.directory.MetricsDirectory;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
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

  /** Each commit changes the parity, or the next observation would write the sum that is shown. */
  @Test
  void takeEqualObservationsAtOnceAmongOthers() throws Exception {
    for (int maxLanes : new int[] {0, 3}) {
      Path own = directory.resolve("lanes-" + maxLanes);
      Files.createDirectory(own);
      try (MappedIncarnation worker = open(own, maxLanes)) {
        DistributionCells histogram =
            worker.distribution(addSingle(worker, histogram("h", List.of(1.0))));
        double count = 0;
        for (int times = 1; times <= 6; times++) {
          histogram.observe(1, 2, times);
          count += times;
          assertArrayEquals(new double[] {2 * count, 0, count}, histogram.read());
          histogram.observe(1, 2);
          count++;
          assertArrayEquals(new double[] {2 * count, 0, count}, histogram.read());
          assertEquals(
              List.of(2 * count, 0.0, count), valuesOf(read(own).workers().get(0)).get("h[]"));
        }
        double before = count;
        runTogether(
            4,
            thread -> {
              for (int i = 0; i < 5_000; i++) {
                histogram.observe(1, 2, 1 + i % 4);
                histogram.observe(1, 2);
              }
            });
        count = before + 4 * 5_000 * (2.5 + 1);
        assertArrayEquals(new double[] {2 * count, 0, count}, histogram.read());
      }
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

  @Test
  void areTakenByThreadsThatCountOften() throws Exception {
    try (MappedIncarnation worker = open(64)) {
      CounterCell counter = addCounter(worker, "c");
      // The first thread has one at once.
      counter.add(1);
      assertEquals(1, lanesOf(worker));
      CyclicBarrier all = new CyclicBarrier(40);
      runTogether(
          40,
          thread -> {
            for (int i = 0; i < Lanes.UPDATES_FOR_A_BLOCK - 1; i++) {
              counter.add(1);
              if (i % 1000 == 0) {
                all.await();
              }
            }
          });
      assertTrue(lanesOf(worker) <= SharedLanes.MAX, "lanes " + lanesOf(worker));
      runTogether(
          40,
          thread -> {
            for (int i = 0; i < Lanes.UPDATES_FOR_A_BLOCK; i++) {
              counter.add(1);
            }
            all.await();
          });
      assertEquals(1 + 40.0 * (2 * Lanes.UPDATES_FOR_A_BLOCK - 1), counter.get());
      assertEquals(counter.get(), sumOf(read(directory).workers().get(0), "c"));
      assertTrue(lanesOf(worker) >= 41, "lanes " + lanesOf(worker));
    }
  }

  @Test
  void costThreadsThatCountNowAndThenNoSpace() throws Exception {
    try (MappedIncarnation worker = open(64)) {
      int counters = worker.addFamily(counter("c", "i"));
      int histograms = worker.addFamily(histogram("h", List.of(1.0, 2.0), "i"));
      List<CounterCell> counter = new ArrayList<>();
      List<DistributionCells> histogram = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        counter.add(worker.counter(worker.addSeries(counters, List.of("" + i), CREATED_MS)));
        histogram.add(
            worker.distribution(worker.addSeries(histograms, List.of("" + i), CREATED_MS)));
      }
      Work once =
          thread -> {
            counter.forEach(cell -> cell.add(1));
            histogram.forEach(cells -> cells.observe(1, 1));
          };
      once.run(0);
      long length = size(worker);
      // Two at a time, however many processors there are: those that meet often get more lanes.
      for (int i = 0; i < 100; i++) {
        runTogether(2, once);
      }

      for (List<Double> cells : valuesOf(read(directory).workers().get(0)).values()) {
        assertTrue(
            cells.equals(List.of(201.0)) || cells.equals(List.of(201.0, 0.0, 201.0, 0.0)),
            "cells " + cells);
      }
      assertTrue(size(worker) <= 2 * length, size(worker) + " bytes after " + length);
    }
  }

  @Test
  void shareExactlyHowManyThereAreAndWhoeverComesAndGoes() throws Exception {
    try (MappedIncarnation worker = open(2)) {
      CounterCell counter = addCounter(worker, "c");
      DistributionCells histogram =
          worker.distribution(addSingle(worker, histogram("h", List.of(1.0))));
      for (int round = 0; round < 5; round++) {
        runTogether(
            32,
            thread -> {
              for (int i = 0; i < 10_000; i++) {
                counter.add(0.5);
                histogram.observe(i & 1, 2);
              }
            });
        double count = (round + 1) * 320_000;
        assertEquals(0.5 * count, counter.get());
        assertArrayEquals(new double[] {2 * count, count / 2, count / 2}, histogram.read());
        assertEquals(
            List.of(2 * count, count / 2, count / 2),
            valuesOf(read(directory).workers().get(0)).get("h[]"));
      }
    }
  }

  @Test
  void areExactInManyWorkersOfOneProcess() throws Exception {
    List<MappedIncarnation> workers = new ArrayList<>();
    List<CounterCell> counters = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        workers.add(open(4));
        counters.add(addCounter(workers.get(i), "c"));
      }
      runTogether(
          8,
          thread -> {
            for (int i = 0; i < 10_000; i++) {
              for (CounterCell counter : counters) {
                counter.add(1);
              }
            }
          });
      for (CounterCell counter : counters) {
        assertEquals(80_000, counter.get());
      }
    } finally {
      workers.forEach(MappedIncarnation::close);
    }
  }

  /** A stack that ends anywhere in an observation leaves the shared lane right for all others. */
  @Test
  void areMendedAfterTheStackEndedInAnObservation() throws Exception {
    try (MappedIncarnation worker = open(0)) {
      DistributionCells one = worker.distribution(addSingle(worker, histogram("a", List.of(1.0))));
      DistributionCells two = worker.distribution(addSingle(worker, histogram("b", List.of(1.0))));
      double[] ends = new double[2];
      Thread deep =
          new Thread(
              null,
              () -> {
                for (int i = 0; i < 64; i++) {
                  ends[i % 2] += observeAtTheEndOfTheStack(i % 2 == 0 ? one : two, i % 32);
                }
              },
              "deep",
              256 << 10);
      deep.start();
      deep.join();
      for (DistributionCells cells : List.of(one, two)) {
        // The first may complete what was cut short; then each one counts as it should.
        cells.observe(0, 1);
        for (int i = 0; i < 4; i++) {
          double[] before = cells.read();
          cells.observe(i & 1, 1);
          double[] after = cells.read();
          assertEquals(before[0] + 1, after[0], "sum");
          assertEquals(before[1] + before[2] + 1, after[1] + after[2], "count");
          assertEquals(after[1] + after[2], after[0], "all observations are 1");
        }
      }
      System.out.println("the stack ended " + (ends[0] + ends[1]) + " times");
    }
  }

  /** 1 if the stack ended. */
  private static int observeAtTheEndOfTheStack(DistributionCells cells, int framesBefore) {
    try {
      descend(cells, framesBefore);
      return 0;
    } catch (StackOverflowError e) {
      return 1;
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static void descend(DistributionCells cells, int framesBefore) {
    try {
      descend(cells, framesBefore);
    } catch (StackOverflowError e) {
      if (framesBefore > 0) {
        observeWithLess(cells, framesBefore);
      }
      throw e;
    }
  }

  private static void observeWithLess(DistributionCells cells, int frames) {
    if (frames > 1) {
      observeWithLess(cells, frames - 1);
    } else {
      cells.observe(0, 1);
    }
  }

  /** Beside lane 0. */
  private int lanesOf(MappedIncarnation worker) throws IOException {
    return new MetricsDirectory(directory)
        .files().stream()
            .filter(file -> file.file().toString().contains(worker.info().incarnation().toString()))
            .mapToInt(FileStatus::laneCount)
            .sum();
  }

  private MappedIncarnation open(int maxLanes) throws IOException {
    return open(directory, maxLanes);
  }

  private static MappedIncarnation open(Path directory, int maxLanes) throws IOException {
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

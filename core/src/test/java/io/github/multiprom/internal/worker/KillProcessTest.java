package io.github.multiprom.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.SeriesLayout;
import io.github.multiprom.model.Snapshot;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers are killed at random moments: what they acknowledged stays, and nothing is made up. */
@Tag(StoreUnderTest.LONG_TAG)
class KillProcessTest {
  private static final int WORKERS = 8;
  private static final int KILLS = 40;
  private static final long MAX_NANOS =
      TimeUnit.SECONDS.toNanos(StoreUnderTest.isSlow() ? 600 : 60);

  @TempDir Path directory;

  /** One life of a worker, and what it acknowledged by thread. */
  private static final class Life {
    final Process process;
    final Thread listener;
    // Written by the listener until it ends.
    final long[] batches = new long[KillWorker.THREADS];
    private volatile boolean counts;

    Life(Process process) {
      this.process = process;
      this.listener = new Thread(this::listen);
      listener.start();
    }

    private void listen() {
      try (DataInputStream input = new DataInputStream(process.getInputStream())) {
        while (true) {
          int thread = input.readInt();
          batches[thread] = input.readLong();
          counts = true;
        }
      } catch (EOFException e) {
        // The end of this life.
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** With SIGKILL. Not by the process itself: that would throw away what the pipe still holds. */
    void kill() {
      process.toHandle().destroyForcibly();
    }

    void awaitEnd() throws InterruptedException {
      process.onExit().join();
      listener.join();
    }
  }

  // A worker with a Chronicle Map starts in a second, or in many beside those that count.
  @Timeout(value = 8, unit = TimeUnit.MINUTES)
  @Test
  void losesNothingAcknowledgedAndAddsNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Life> lives = new ArrayList<>();
    try (Children children = new Children();
        DirectoryReader reader = new DirectoryReader(directory)) {
      List<Life> running = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        running.add(new Life(children.start(KillWorker.class, directory.toString())));
      }
      lives.addAll(running);
      double last = 0;
      long end = System.nanoTime() + MAX_NANOS;
      for (int kill = 0; kill < KILLS; kill++) {
        if (System.nanoTime() - end >= 0 && kill >= KILLS / 4) {
          break;
        }
        Life victim = running.remove(random.nextInt(WORKERS));
        // Some at the start of their life, most while they count.
        if (random.nextInt(4) != 0) {
          Children.await(() -> victim.counts, "a worker that counts");
        }
        spinMicros(random.nextInt(20_000));
        victim.kill();
        double[] total = Fixtures.totalOf(reader.read(), "whole[]");
        // No worker may have come so far yet.
        double whole = total.length == 0 ? 0 : total[0];
        assertTrue(whole >= last, "a counter fell from " + last + " to " + whole);
        last = whole;
        Life next = new Life(children.start(KillWorker.class, directory.toString()));
        running.add(next);
        lives.add(next);
      }
      for (Life life : running) {
        Children.await(() -> life.counts, "a worker that counts");
        life.kill();
      }
      for (Life life : lives) {
        life.awaitEnd();
      }

      check(reader.read(), lives);
      check(Fixtures.read(directory), lives);
    }
  }

  private static void spinMicros(int micros) {
    long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  private static void check(DirectorySnapshot directory, List<Life> lives) {
    assertEquals(Map.of(), directory.skipped());
    double acknowledged = 0;
    double whole = 0;
    for (Life life : lives) {
      Snapshot worker = find(directory, life.process.pid());
      long batches = 0;
      for (int thread = 0; thread < KillWorker.THREADS; thread++) {
        batches += life.batches[thread];
        if (worker != null) {
          checkThread(worker, thread, life.batches[thread]);
        }
      }
      acknowledged += batches * KillWorker.BATCH;
      if (worker == null) {
        assertEquals(0, batches, "acknowledged, but there is no file");
      } else {
        whole += checkWorker(worker, batches);
      }
    }
    double most = acknowledged + lives.size() * KillWorker.THREADS * KillWorker.BATCH;
    assertTrue(acknowledged <= whole && whole <= most, acknowledged + " " + whole + " " + most);
    System.out.println(lives.size() + " lives, " + acknowledged + " acknowledged, " + whole);
  }

  private static Snapshot find(DirectorySnapshot directory, long pid) {
    return directory.workers().stream()
        .filter(worker -> worker.worker().pid() == pid)
        .findFirst()
        .orElse(null);
  }

  private static void checkThread(Snapshot worker, int thread, long batches) {
    List<Double> cells = Fixtures.valuesOf(worker).get("labelled[" + thread + "]");
    double acknowledged = (double) batches * KillWorker.BATCH;
    double counted = cells == null ? 0 : cells.get(0);
    assertTrue(
        acknowledged <= counted && counted <= acknowledged + KillWorker.BATCH,
        acknowledged + " acknowledged, " + counted + " counted");
  }

  /*
   * Each thread increments in a fixed order, so that at the kill each counter is at most one
   * increment per thread behind the one before it.
   */
  private static double checkWorker(Snapshot worker, long batches) {
    assertFalse(worker.live());
    Map<String, List<Double>> values = Fixtures.valuesOf(worker);
    if (!values.containsKey("histogram[]")) {
      assertEquals(0, batches);
      return 0;
    }
    double whole = values.get("whole[]").get(0);
    double labelled = 0;
    for (int thread = 0; thread < KillWorker.THREADS; thread++) {
      labelled += values.getOrDefault("labelled[" + thread + "]", List.of(0.0)).get(0);
    }
    double fractions = values.get("fractions[]").get(0) * 4;
    List<Double> histogram = values.get("histogram[]");
    double count = histogram.get(1) + histogram.get(2) + histogram.get(3);
    int index = seriesOf(worker, "native");
    double natives = index < 0 ? 0 : worker.refinedCounts(index).total();
    int window = seriesOf(worker, "window");
    double windows = window < 0 ? 0 : worker.refinedCounts(window).total();
    double[] ordered = {whole, labelled, fractions, count, natives, windows};
    for (int i = 1; i < ordered.length; i++) {
      double behind = ordered[i - 1] - ordered[i];
      assertTrue(
          behind >= 0 && behind <= KillWorker.THREADS, worker.worker() + " behind " + behind);
    }
    assertEquals(0.5 * count, histogram.get(0), "the sum of these observations");
    assertTrue(index >= 0 || natives == 0);
    checkSumOfNatives(worker, index);
    checkSnapshots(worker, window);
    double acknowledged = (double) batches * KillWorker.BATCH;
    assertTrue(acknowledged <= natives, acknowledged + " acknowledged, " + natives + " observed");
    assertTrue(acknowledged <= count, acknowledged + " acknowledged, " + count + " observed");
    assertTrue(whole <= acknowledged + KillWorker.THREADS * KillWorker.BATCH);
    return whole;
  }

  private static int seriesOf(Snapshot worker, String family) {
    List<SeriesDescriptor> all = worker.catalog().series();
    for (int i = 0; i < all.size(); i++) {
      if (worker.catalog().familyOf(all.get(i)).name().equals(family)) {
        return i;
      }
    }
    return -1;
  }

  /** Each of four values has chunks of its own, so their counts tell the sum. */
  private static void checkSumOfNatives(Snapshot worker, int index) {
    if (index < 0) {
      return;
    }
    RefinedCells cells = RefinedCells.of(Fixtures.nativeHistogram("native", List.of(1.0, 2.0)));
    double[] sum = {0};
    worker
        .refinedCounts(index)
        .chunks()
        .forEach(
            (key, counts) -> {
              for (int i = 0; i < counts.length; i++) {
                if (counts[i] != 0) {
                  sum[0] += counts[i] * valueOf(cells, key, i);
                }
              }
            });
    int cell = worker.catalog().series().get(index).firstCell() + SeriesLayout.EVEN_SUM_CELL;
    assertEquals(sum[0], worker.high()[cell] + worker.low()[cell], "the sum of these observations");
  }

  /** What was counted before a moment is no more than what was counted later. */
  private static void checkSnapshots(Snapshot worker, int index) {
    if (index < 0) {
      return;
    }
    RefinedCounts all = worker.refinedCounts(index);
    List<RefinedCounts> ascending = new ArrayList<>(all.snapshots().values());
    ascending.add(all);
    for (int i = 1; i < ascending.size(); i++) {
      Map<ChunkKey, double[]> later = ascending.get(i).chunks();
      ascending
          .get(i - 1)
          .chunks()
          .forEach(
              (key, counts) -> {
                for (int cell = 0; cell < counts.length; cell++) {
                  assertTrue(counts[cell] <= later.get(key)[cell], key + " cell " + cell);
                }
              });
    }
    int cell = worker.catalog().series().get(index).firstCell() + SeriesLayout.EVEN_SUM_CELL;
    RefinedCells cells = RefinedCells.of(Fixtures.summaryWithQuantiles("window", 1_000));
    double[] sum = {0};
    all.chunks()
        .forEach(
            (key, counts) -> {
              for (int i = 0; i < counts.length; i++) {
                sum[0] += counts[i] == 0 ? 0 : counts[i] * valueOf(cells, key, i);
              }
            });
    assertEquals(sum[0], worker.high()[cell] + worker.low()[cell], "the sum of these observations");
  }

  private static double valueOf(RefinedCells cells, ChunkKey key, int cell) {
    for (int i = 0; i < 4; i++) {
      double value = KillWorker.valueOf(i);
      if (key.sign() == RefinedCells.signOf(value)
          && cells.exponentialOf(key, cell) == cells.exponentialOf(key.sign(), value)) {
        return value;
      }
    }
    throw new AssertionError(key + " cell " + cell);
  }
}

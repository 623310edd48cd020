package io.github.multiprom.internal.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.MemoryDirectories;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.model.DirectorySnapshot;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers with a Chronicle Map are killed while they open it and add to it; collectors as well. */
@Tag("field")
class ChronicleKillProcessTest {
  private static final boolean LONG = Boolean.getBoolean("multiprom.test.long");
  private static final int WORKER_KILLS = LONG ? 200 : 6;
  private static final int COLLECTOR_KILLS = LONG ? 50 : 5;
  private static final int KILLS_PER_PASS = 5;
  private static final long MAX_START_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final long MAX_SCRAPE_NANOS = TimeUnit.SECONDS.toNanos(30);

  @TempDir(factory = MemoryDirectories.class)
  Path directory;

  /** One life of a worker, and what it acknowledged. */
  private static final class Life {
    private final Process process;
    private final Thread listener = new Thread(this::listen);
    private volatile long acknowledged;

    Life(Children children, Path directory) throws IOException {
      process =
          children.start(
              List.of(),
              ChronicleProcessTest.FLAGS,
              ChronicleKillWorker.class,
              directory.toString());
      listener.start();
    }

    private void listen() {
      try (DataInputStream input = new DataInputStream(process.getInputStream())) {
        while (true) {
          acknowledged = input.readLong();
        }
      } catch (EOFException e) {
        // The end of this life.
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** With SIGKILL. Not by the process itself: that would throw away what the pipe still holds. */
    void kill() throws InterruptedException {
      process.toHandle().destroyForcibly();
      process.onExit().join();
      listener.join();
    }
  }

  private double observed(DirectoryReader reader) throws IOException {
    try (MultiprocessCollector collector =
        new MultiprocessCollector(
            new SnapshotReader() {
              @Override
              public DirectorySnapshot read() throws IOException {
                return reader.read();
              }

              @Override
              public void close() {}
            },
            "worker")) {
      return collector.collect().stream()
          .flatMap(family -> family.samples.stream())
          .filter(sample -> sample.name.equals("long_count"))
          .mapToDouble(sample -> sample.value)
          .sum();
    }
  }

  @Test
  @Timeout(value = 40, unit = TimeUnit.MINUTES)
  void losesNothingAcknowledgedBySigkilledWorkers() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    long acknowledged = 0;
    long slowest = 0;
    int started = 0;
    double last = 0;
    try (Children children = new Children();
        DirectoryReader reader = new DirectoryReader(directory)) {
      for (int kill = 1; kill <= WORKER_KILLS; kill++) {
        Life life = new Life(children, directory);
        if (random.nextInt(8) != 0) {
          Children.await(() -> life.acknowledged > 0, "a worker that counts");
          started++;
          spin(random.nextInt(100_000_000));
        } else {
          spin((long) (random.nextDouble() * MAX_START_NANOS));
        }
        life.kill();
        acknowledged += life.acknowledged;
        long start = System.nanoTime();
        double now = observed(reader);
        slowest = Math.max(slowest, System.nanoTime() - start);
        assertTrue(now >= acknowledged, acknowledged + " acknowledged, " + now + " there");
        // At most one more by each worker, which it could not acknowledge.
        assertTrue(now <= acknowledged + kill, acknowledged + " acknowledged, " + now + " there");
        assertTrue(now >= last);
        last = now;
        if (kill % KILLS_PER_PASS == 0) {
          RetiringNow.retire(directory);
        }
      }
      RetiringNow.retire(directory);
      assertEquals(last, observed(reader));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.filter(file -> file.toString().contains(".chronicle")).count());
    }
    assertTrue(slowest < MAX_SCRAPE_NANOS, "a scrape took ns " + slowest);
    System.out.println(
        WORKER_KILLS
            + " workers killed, "
            + started
            + " of them counting, "
            + acknowledged
            + " acknowledged, "
            + last
            + " there, slowest scrape ms "
            + slowest / 1_000_000);
  }

  private static void spin(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void isNotDisturbedBySigkilledCollectors() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (Children children = new Children();
        DirectoryReader reader = new DirectoryReader(directory)) {
      Life life = new Life(children, directory);
      Children.await(() -> life.acknowledged > 0, "a worker that counts");
      for (int kill = 1; kill <= COLLECTOR_KILLS; kill++) {
        Process collector =
            children.start(
                List.of(), List.of("-Xmx256m"), ChronicleScraper.class, directory.toString());
        assertEquals("scraped", collector.inputReader().readLine());
        spin(random.nextInt(50_000_000));
        collector.toHandle().destroyForcibly();
        collector.onExit().join();
        long before = life.acknowledged;
        Children.await(() -> life.acknowledged > before, "a worker that goes on");
        assertTrue(observed(reader) >= before);
      }
      life.kill();
      double observed = observed(reader);
      assertTrue(observed == life.acknowledged || observed == life.acknowledged + 1);
      System.out.println(COLLECTOR_KILLS + " collectors killed, " + observed + " observed");
    }
  }
}

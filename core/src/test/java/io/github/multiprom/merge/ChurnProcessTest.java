package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.BufferedReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A directory in which thousands of workers come and go, while collectors in two other processes
 * scrape and retire.
 */
@Tag(StoreUnderTest.LONG_TAG)
@Tag("timing")
class ChurnProcessTest {
  private static final boolean LONG = Boolean.getBoolean("multiprom.test.long");

  /** Workers that are processes of their own; a third of them is killed. */
  private static final int PROCESSES = !LONG ? 30 : StoreUnderTest.isSlow() ? 150 : 2000;

  /** How many of them start at a time. */
  private static final int AT_ONCE = 3;

  /** Workers that share a process, most of them one after the other. */
  private static final int IN_ONE_PROCESS = 2000;

  private static final Pattern TIMES = Pattern.compile("of (\\d+) us at the start, (\\d+) us at");

  /**
   * A scrape takes well below a millisecond, and more on a busy machine; one that read a file for
   * each worker that ever lived would take longer still.
   */
  private static final int NOISE_MICROS = 20_000;

  @TempDir Path path;

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void isExactAndCostsNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path stop = path.resolve("stop");
    try (Children children = new Children();
        WorkerDirectory directory = new WorkerDirectory(path.resolve("metrics"))) {
      Files.createDirectory(directory.path);
      String metrics = directory.path.toString();
      List<Process> collectors = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        String manner = LONG ? "pause" : "";
        collectors.add(
            children.start(
                RetiringCollector.class, metrics, stop.toString(), "" + AT_ONCE, manner));
      }
      for (Process collector : collectors) {
        assertEquals("ready", collector.inputReader().readLine());
      }
      Process churn =
          children.start(
              ChurnWorker.class, metrics, "" + seed, "" + IN_ONE_PROCESS, stop.toString());
      BigDecimal counted = BigDecimal.ZERO;
      for (int i = 0; i < PROCESSES; i += AT_ONCE) {
        List<Process> workers = new ArrayList<>();
        for (int j = i; j < Math.min(i + AT_ONCE, PROCESSES); j++) {
          workers.add(children.start(ChurnWorker.class, metrics, "" + random.nextLong()));
        }
        for (Process worker : workers) {
          counted = counted.add(new BigDecimal(worker.inputReader().readLine()));
          if (random.nextInt(3) == 0) {
            Children.signal(worker, "KILL");
          } else {
            worker.getOutputStream().close();
          }
        }
        for (Process worker : workers) {
          children.forget(worker);
        }
      }
      BufferedReader output = churn.inputReader();
      int workers = PROCESSES + Integer.parseInt(output.readLine());
      counted = counted.add(new BigDecimal(output.readLine()));
      assertEquals(0, Children.await(churn));
      Files.createFile(stop);
      for (Process collector : collectors) {
        String report = collector.inputReader().readLine();
        System.out.println(report);
        assertTrue(report.startsWith("ok"), report);
        Matcher times = TIMES.matcher(report);
        assertTrue(times.find());
        int atStart = Integer.parseInt(times.group(1));
        int atEnd = Integer.parseInt(times.group(2));
        assertTrue(atEnd <= 2 * atStart + NOISE_MICROS, report);
        Children.await(collector);
      }

      assertEquals(counted.doubleValue(), RetiringCollector.total(directory.collector));
      directory.retire();
      assertEquals(counted.doubleValue(), RetiringCollector.total(directory.collector));
      assertEquals(workers, directory.value("multiprom_retired_workers_total"));
      assertEquals(0, directory.value("multiprom_workers", "dead"));
      System.out.println(workers + " workers, " + counted.doubleValue() + " counted");
    }
  }
}

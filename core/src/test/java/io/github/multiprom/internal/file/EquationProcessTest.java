package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The equation of client_golang's histogram test, across processes: workers observe only 1.0, so
 * count and sum of every scrape are the same number.
 */
@Tag(StoreUnderTest.TAG)
class EquationProcessTest {
  private static final int WORKERS = 4;
  private static final long SECONDS = Long.getLong("multiprom.test.equationSeconds", 2);

  @TempDir Path directory;

  @Test
  void countEqualsSumInEveryScrapeOfPacedWorkers() throws Exception {
    run(1000, (before, scrape, after) -> assertEquals(scrape.count, scrape.sum));
  }

  @Test
  void countDiffersFromSumByNoMoreThanWhatWasObservedMeanwhileAtFullSpeed() throws Exception {
    run(
        0,
        (before, scrape, after) ->
            assertTrue(
                Math.abs(scrape.count - scrape.sum) <= after.count - before.count,
                () -> before + " " + scrape + " " + after));
  }

  private record Scrape(double count, double sum) {}

  private interface Check {
    void accept(Scrape before, Scrape scrape, Scrape after);
  }

  private void run(long pauseNanos, Check check) throws Exception {
    try (Children children = new Children();
        DirectoryReader reader = new DirectoryReader(directory)) {
      List<Process> workers = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        workers.add(children.start(EquationWorker.class, directory.toString(), "" + pauseNanos));
      }
      for (Process worker : workers) {
        assertEquals("ready", worker.inputReader().readLine());
      }

      int scrapes = scrapeFor(SECONDS, reader, check);

      double observed = 0;
      for (Process worker : workers) {
        worker.getOutputStream().close();
        BufferedReader output = worker.inputReader();
        observed += Long.parseLong(output.readLine());
        assertEquals(0, Children.await(worker));
      }
      Scrape end = scrape(reader);
      System.out.println(scrapes + " scrapes of " + (long) observed + " observations");
      assertEquals(new Scrape(observed, observed), end);
    }
  }

  private int scrapeFor(long seconds, DirectoryReader reader, Check check) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<Scrape> scrapes = new ArrayList<>();
    while (System.nanoTime() - end < 0) {
      scrapes.add(scrape(reader));
      int last = scrapes.size() - 1;
      if (last >= 1) {
        assertTrue(scrapes.get(last).count >= scrapes.get(last - 1).count, "count fell");
        assertTrue(scrapes.get(last).sum >= scrapes.get(last - 1).sum, "sum fell");
      }
      if (last >= 2) {
        check.accept(scrapes.get(last - 2), scrapes.get(last - 1), scrapes.get(last));
      }
    }
    return scrapes.size();
  }

  private static Scrape scrape(DirectoryReader reader) throws IOException {
    DirectorySnapshot snapshot = reader.read();
    assertEquals(WORKERS, snapshot.workers().size());
    double[] cells = Fixtures.totalOf(snapshot, "ones[]");
    double count = 0;
    for (int bucket = 1; bucket < cells.length; bucket++) {
      count += cells[bucket];
    }
    assertEquals(count, cells[2], "only the bucket of 1.0 counts");
    return new Scrape(count, cells[0]);
  }
}

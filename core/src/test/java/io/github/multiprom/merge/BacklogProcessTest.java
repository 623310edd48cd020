package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More dead workers than a collector with a small heap can hold. */
class BacklogProcessTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor ALL = gauge("g", GaugeFold.ALL, "l");
  private static final int WORKERS = Boolean.getBoolean("multiprom.test.long") ? 5000 : 2000;
  private static final int SERIES = 200;
  private static final int GAUGES = 5;

  @TempDir Path path;

  @Test
  void isRetiredBeforeTheFirstScrapeReadsIt() throws Exception {
    try (Children children = new Children();
        WorkerDirectory directory = new WorkerDirectory(path.resolve("metrics"))) {
      for (int i = 0; i < WORKERS; i++) {
        try (Worker worker = directory.worker("w" + i)) {
          for (int s = 0; s < SERIES; s++) {
            worker.counter(C, "series " + s).add(0.1);
          }
          for (int s = 0; s < GAUGES; s++) {
            worker.gauge(ALL, "series " + s).set(i);
          }
        }
      }
      Process collector = children.start(BacklogCollector.class, directory.path.toString());
      String report = collector.inputReader().readLine();
      System.out.println(report + ", " + collector.inputReader().readLine() + " ms");
      assertEquals(
          "%d series of c, %s in the first; 500 of g; %d retired, 0 dead"
              .formatted(SERIES, WORKERS / 10.0, WORKERS),
          report);
      assertEquals(0, Children.await(collector));
    }
  }
}

package io.github.multiprom.merge;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random sequences in which every worker is a JVM of its own, killed with SIGKILL. */
@Tag(StoreUnderTest.LONG_TAG)
class RandomSequencesProcessTest {
  private static final int WORKERS = Boolean.getBoolean("multiprom.test.long") ? 500 : 24;

  @TempDir Path path;

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void showWhatTheModelShows() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int[] workers = {0};
    for (int i = 0; workers[0] < WORKERS; i++) {
      Path metrics = Files.createDirectory(path.resolve("sequence-" + i));
      try (Children children = new Children();
          WorkerDirectory directory = new WorkerDirectory(metrics)) {
        new RandomSequence(
                directory,
                random,
                name -> {
                  workers[0]++;
                  return new SequenceWorker.InOwnProcess(children, metrics, name);
                })
            .run("seed " + seed + ", sequence " + i);
      }
    }
    System.out.println(workers[0] + " workers");
  }
}

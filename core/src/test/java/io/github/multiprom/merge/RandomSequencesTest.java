package io.github.multiprom.merge;

import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random sequences with workers in this process, killed ones among them. */
@Tag(StoreUnderTest.TAG)
class RandomSequencesTest {
  private static final int SEQUENCES =
      Boolean.getBoolean("multiprom.test.long") ? 1000 : StoreUnderTest.isSlow() ? 50 : 200;

  @TempDir Path path;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void showWhatTheModelShows() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < SEQUENCES; i++) {
      try (WorkerDirectory directory = new WorkerDirectory(path.resolve("sequence-" + i))) {
        new RandomSequence(
                directory,
                random,
                name -> new SequenceWorker.InProcess(directory.killableWorker(name)))
            .run("seed " + seed + ", sequence " + i);
      }
    }
  }
}

package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.GaugeFold;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Words that are written through a mapping and read by position do not tear. */
@Tag(StoreUnderTest.TAG)
class TearingTest {
  private static final double ONE = Double.longBitsToDouble(0x3FF1_1111_1111_1111L);
  private static final double OTHER = Double.longBitsToDouble(0x4002_2222_2222_2222L);

  @TempDir Path directory;

  private volatile boolean stopped;

  @Test
  void aGaugeIsReadAsItWasSet() throws Exception {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      GaugeCell gauge =
          worker.gauge(Fixtures.addSingle(worker, Fixtures.gauge("g", GaugeFold.SUM)));
      gauge.set(ONE);
      Thread writer =
          new Thread(
              () -> {
                do {
                  gauge.set(ONE);
                  gauge.set(OTHER);
                } while (!stopped);
              });
      writer.start();
      int reads = 0;
      int others = 0;
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700);
      while (System.nanoTime() - end < 0) {
        double value = Fixtures.sumOf(reader.read().workers().get(0), "g");
        assertTrue(value == ONE || value == OTHER, "torn: " + Double.toHexString(value));
        reads++;
        others += value == OTHER ? 1 : 0;
      }
      stopped = true;
      writer.join();
      System.out.println(reads + " reads, " + others + " of the other value");
      assertEquals(OTHER, Fixtures.sumOf(reader.read().workers().get(0), "g"));
    }
  }
}

package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.store.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What retired workers counted, read back from the retained file. */
@Tag(StoreUnderTest.TAG)
class RetainedMergeTest {
  private static final FamilyDescriptor C = counter("c", "l");

  @TempDir Path path;
  private WorkerDirectory directory;

  @BeforeEach
  void open() {
    directory = new WorkerDirectory(path);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void isShownAsIfTheWorkersHadFiles() throws IOException {
    FamilyDescriptor h = histogram("h", List.of(1.0));
    for (int i = 1; i <= 3; i++) {
      Worker worker = directory.worker("w" + i);
      worker.counter(C, "a").add(i * 0.1);
      worker.distribution(h).observe(i % 2, i * 0.1);
      for (GaugeFold fold : GaugeFold.values()) {
        worker.gauge(gauge("g_" + fold, fold)).set(i * 0.1);
        worker.gauge(liveGauge("live_" + fold, fold)).set(i * 0.1);
      }
      if (i < 3) {
        worker.close();
      }
    }
    String before = directory.exposition();
    directory.retire();
    assertEquals(before, directory.exposition());
    assertEquals(0, directory.value("multiprom_workers", "dead"));
    directory.retire();
    assertEquals(before, directory.exposition());
  }

  @Test
  void isLeftOutWhereANewerWorkerHasTheName() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL);
    Worker dead = directory.worker("1");
    dead.gauge(g).set(1);
    dead.close();
    directory.retire();
    assertEquals("g{worker=\"1\",} 1.0\n", directory.samples());

    Worker live = directory.worker("1");
    live.gauge(g).set(2);
    assertEquals("g{worker=\"1\",} 2.0\n", directory.samples());
  }

  @Test
  void isHiddenWithARemovedSeries() throws IOException {
    Worker dead = directory.worker("1");
    dead.counter(C, "a").add(1);
    dead.counter(C, "b").add(2);
    dead.close();
    directory.retire();
    Worker live = directory.worker("2");
    live.counter(C, "a").add(4);
    assertEquals("c_total{l=\"a\",} 5.0\nc_total{l=\"b\",} 2.0\n", directory.samples());

    live.remove(C, "a");
    assertEquals("c_total{l=\"b\",} 2.0\n", directory.samples());

    live.counter(C, "a").add(8);
    assertEquals("c_total{l=\"a\",} 8.0\nc_total{l=\"b\",} 2.0\n", directory.samples());
  }

  @Test
  void isNoConflict() throws IOException {
    Worker dead = directory.worker("1");
    dead.gauge(gauge("c", GaugeFold.SUM)).set(1);
    dead.close();
    directory.retire();
    directory.worker("2").counter(C, "a").add(4);
    assertEquals("c_total{l=\"a\",} 4.0\n", directory.samples());
    assertEquals(0, directory.value("multiprom_conflicts", "type"));
  }
}

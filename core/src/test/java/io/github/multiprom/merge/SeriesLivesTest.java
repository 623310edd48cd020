package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Removed series, over worker files. */
@Tag(StoreUnderTest.TAG)
class SeriesLivesTest {
  private static final FamilyDescriptor C = counter("c", "l");

  @TempDir Path path;
  private WorkerDirectory directory;
  private Worker one;
  private Worker two;

  @BeforeEach
  void startWorkers() throws IOException {
    directory = new WorkerDirectory(path);
    one = directory.worker("1");
    two = directory.worker("2");
  }

  @AfterEach
  void stopWorkers() {
    directory.close();
  }

  @Test
  void showEverythingWhileALiveWorkerHasTheSeries() throws IOException {
    one.counter(C, "a").add(1);
    two.counter(C, "a").add(2);
    one.remove(C, "a");
    assertEquals("c_total{l=\"a\",} 3.0\n", directory.samples());
  }

  @Test
  void hideTheSeriesOnceEveryLiveWorkerRemovedIt() throws IOException {
    Worker dead = directory.worker("3");
    dead.counter(C, "a").add(4);
    dead.counter(C, "b").add(5);
    dead.close();
    one.counter(C, "a").add(1);
    two.counter(C, "a").add(2);
    one.remove(C, "a");
    two.remove(C, "a");
    assertEquals("c_total{l=\"b\",} 5.0\n", directory.samples());
  }

  @Test
  void keepTheSeriesHiddenWhenTheLastRemoverDies() throws IOException {
    one.counter(C, "a").add(1);
    one.remove(C, "a");
    one.close();
    assertEquals("", directory.samples());
  }

  @Test
  void startFromZeroWhenTheSeriesIsAddedAgain() throws IOException {
    Worker dead = directory.worker("3");
    dead.counter(C, "a").add(4);
    dead.close();
    one.counter(C, "a").add(1);
    double created = directory.value("c_created", "a");
    one.remove(C, "a");
    one.counter(C, "a");
    assertEquals("c_total{l=\"a\",} 0.0\n", directory.samples());
    assertTrue(directory.value("c_created", "a") >= created);

    one.counter(C, "a").add(7);
    two.counter(C, "a").add(8);
    assertEquals("c_total{l=\"a\",} 15.0\n", directory.samples());
  }

  @Test
  void countOnWhenTheSeriesIsAddedAgainBesideAnother() throws IOException {
    one.counter(C, "a").add(1);
    two.counter(C, "a").add(2);
    one.remove(C, "a");
    one.counter(C, "a").add(4);
    assertEquals("c_total{l=\"a\",} 7.0\n", directory.samples());
  }

  @Test
  void leaveOutTheGaugeOfAWorkerThatRemovedIt() throws IOException {
    FamilyDescriptor sum = gauge("g", GaugeFold.SUM, "l");
    FamilyDescriptor all = gauge("h", GaugeFold.ALL, "l");
    for (FamilyDescriptor g : new FamilyDescriptor[] {sum, all}) {
      one.gauge(g, "a").set(1);
      two.gauge(g, "a").set(2);
      one.remove(g, "a");
    }
    assertEquals("g{l=\"a\",} 2.0\nh{l=\"a\",worker=\"2\",} 2.0\n", directory.samples());

    one.gauge(sum, "a").set(5);
    assertEquals(7, directory.value("g", "a"));
  }
}

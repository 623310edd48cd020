package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class WorkerNamesTest {
  private static final FamilyDescriptor ALL = gauge("g", GaugeFold.ALL);
  private static final FamilyDescriptor LIVE_ALL = liveGauge("g", GaugeFold.ALL);

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

  private Worker worker(String name, FamilyDescriptor family, double value) throws IOException {
    Worker worker = directory.worker(name);
    worker.gauge(family).set(value);
    return worker;
  }

  /** client_python makes {@code pid="wor"} of it. */
  @Test
  void areShownAsTheyAre() throws IOException {
    worker("worker_1", ALL, 1);
    assertEquals("g{worker=\"worker_1\",} 1.0\n", directory.samples());
  }

  @Test
  void ofTwoLiveWorkersAreToldApart() throws IOException {
    Worker one = worker("1", ALL, 10);
    Worker two = worker("1", ALL, 20);
    List<String> lines =
        List.of(
            "g{worker=\"1-" + one.shortName() + "\",} 10.0\n",
            "g{worker=\"1-" + two.shortName() + "\",} 20.0\n");
    assertEquals(String.join("", lines.stream().sorted().toList()), directory.samples());
  }

  @Test
  void ofALiveAndADeadWorkerGoToTheLiveOne() throws IOException {
    worker("1", ALL, 10).close();
    Worker live = worker("1", ALL, 20);
    assertEquals("g{worker=\"1\",} 20.0\n", directory.samples());

    worker("1", ALL, 30).close();
    assertEquals("g{worker=\"1\",} 20.0\n", directory.samples());
    directory.retire();
    assertEquals("g{worker=\"1\",} 20.0\n", directory.samples());

    live.close();
    assertEquals("g{worker=\"1\",} 30.0\n", directory.samples());
    directory.retire();
    assertEquals("g{worker=\"1\",} 30.0\n", directory.samples());
  }

  @Test
  void ofLiveGaugesIgnoreTheDead() throws IOException {
    worker("1", LIVE_ALL, 20);
    worker("1", LIVE_ALL, 30).close();
    assertEquals("g{worker=\"1\",} 20.0\n", directory.samples());
  }
}

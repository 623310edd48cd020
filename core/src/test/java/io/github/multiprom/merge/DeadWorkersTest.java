package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static io.github.multiprom.merge.WorkerDirectory.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is shown of dead workers, before and after they are retired. */
@Tag(StoreUnderTest.TAG)
class DeadWorkersTest {
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

  private static FamilyDescriptor mode(String mode, String... labelNames) {
    return mode.startsWith("LIVE")
        ? liveGauge("g", GaugeFold.valueOf(mode.substring("LIVE".length())), labelNames)
        : gauge("g", GaugeFold.valueOf(mode), labelNames);
  }

  /**
   * The cases of client_python's test_multiprocess.py: 123 sets one value, 456 another, and 123 is
   * marked dead. For the most recent, 456 sets first.
   */
  @ParameterizedTest
  @CsvSource({
    "ALL,            1, 2, 123=1 456=2, 123=1 456=2",
    "LIVEALL,        1, 2, 123=1 456=2, 456=2",
    "MIN,            1, 2, 1, 1",
    "LIVEMIN,        1, 2, 1, 2",
    "MAX,            1, 2, 2, 2",
    "MAX,            2, 1, 2, 2",
    "LIVEMAX,        2, 1, 2, 1",
    "SUM,            1, 2, 3, 3",
    "LIVESUM,        1, 2, 3, 2",
    "MOSTRECENT,     1, 2, 1, 1",
    "LIVEMOSTRECENT, 1, 2, 1, 2",
  })
  void countByTheModeOfAGauge(
      String mode, double first, double second, String bothLive, String firstDead)
      throws IOException {
    FamilyDescriptor g = mode(mode);
    Worker dying = directory.killableWorker("123");
    Worker living = directory.worker("456");
    living.gauge(g).set(second);
    WorkerDirectory.awaitNextMillisecond();
    dying.gauge(g).set(first);
    assertEquals(lines(bothLive), directory.samples());

    dying.kill();
    assertEquals(lines(firstDead), directory.samples());
    directory.retire();
    assertEquals(lines(firstDead), directory.samples());
    assertEquals(1, directory.value("multiprom_retired_workers_total"));

    living.close();
    String bothDead = mode.startsWith("LIVE") ? "" : lines(firstDead);
    assertEquals(bothDead, directory.samples());
    directory.retire();
    assertEquals(bothDead, directory.samples());
    assertEquals(2, directory.value("multiprom_retired_workers_total"));
  }

  /**
   * The numbers of client_ruby's direct_file_store_spec.rb, in every mode: 12345 sets bar 1, baz 7,
   * yyy 3 and is killed, 23456 sets bar 3, baz 2, zzz 1 and is killed later.
   */
  @ParameterizedTest
  @CsvSource({
    "SUM,            bar=4 baz=9 yyy=3 zzz=1, bar=4 baz=9 yyy=3 zzz=1",
    "MAX,            bar=3 baz=7 yyy=3 zzz=1, bar=3 baz=7 yyy=3 zzz=1",
    "MIN,            bar=1 baz=2 yyy=3 zzz=1, bar=1 baz=2 yyy=3 zzz=1",
    "MOSTRECENT,     bar=3 baz=2 yyy=3 zzz=1, bar=3 baz=2 yyy=3 zzz=1",
    "LIVESUM,        bar=4 baz=9 yyy=3 zzz=1, bar=3 baz=2 zzz=1",
    "LIVEMAX,        bar=3 baz=7 yyy=3 zzz=1, bar=3 baz=2 zzz=1",
    "LIVEMIN,        bar=1 baz=2 yyy=3 zzz=1, bar=3 baz=2 zzz=1",
    "LIVEMOSTRECENT, bar=3 baz=2 yyy=3 zzz=1, bar=3 baz=2 zzz=1",
    "ALL,            "
        + "bar:12345=1 bar:23456=3 baz:12345=7 baz:23456=2 yyy:12345=3 zzz:23456=1, "
        + "bar:12345=1 bar:23456=3 baz:12345=7 baz:23456=2 yyy:12345=3 zzz:23456=1",
    "LIVEALL,        "
        + "bar:12345=1 bar:23456=3 baz:12345=7 baz:23456=2 yyy:12345=3 zzz:23456=1, "
        + "bar:23456=3 baz:23456=2 zzz:23456=1",
  })
  void countByLabelSet(String mode, String bothLive, String firstDead) throws IOException {
    FamilyDescriptor g = mode(mode, "foo");
    Worker first = directory.killableWorker("12345");
    first.gauge(g, "bar").set(1);
    first.gauge(g, "baz").set(7);
    first.gauge(g, "yyy").set(3);
    Worker second = directory.killableWorker("23456");
    second.gauge(g, "bar").set(3);
    second.gauge(g, "baz").set(2);
    second.gauge(g, "zzz").set(1);
    assertEquals(byLabel(bothLive), directory.samples());
    first.kill();
    assertEquals(byLabel(firstDead), directory.samples());
    directory.retire();
    assertEquals(byLabel(firstDead), directory.samples());
    second.kill();
    String bothDead = mode.startsWith("LIVE") ? "" : byLabel(firstDead);
    assertEquals(bothDead, directory.samples());
    directory.retire();
    assertEquals(bothDead, directory.samples());
  }

  /** Label {@code foo}, and after a colon the worker. */
  private static String byLabel(String expected) {
    StringBuilder lines = new StringBuilder();
    for (String part : expected.split(" ", -1)) {
      String[] value = part.split("[:=]", -1);
      String worker = value.length == 3 ? ",worker=\"" + value[1] + "\"" : "";
      lines.append("g{foo=\"%s\"%s,} %s.0\n".formatted(value[0], worker, value[value.length - 1]));
    }
    return lines.toString();
  }

  /** client_python's test_collect, and client_ruby's order of labels. */
  @Test
  void countInFull() throws IOException {
    Worker first = directory.killableWorker("0");
    first.counter(counter("c", "foo", "bar"), "v1", "v2").add(7);
    first.distribution(summary("s")).observe(0, 1);
    first.distribution(histogram("h", List.of(1.0, 5.0))).observe(0, 1);
    Worker second = directory.killableWorker("1");
    second.counter(counter("c", "bar", "foo"), "v2", "v1").add(14);
    second.distribution(summary("s")).observe(0, 2);
    second.distribution(histogram("h", List.of(1.0, 5.0))).observe(1, 5);
    String expected =
        """
        c_total{bar="v2",foo="v1",} 21.0
        h_bucket{le="1.0",} 1.0
        h_bucket{le="5.0",} 2.0
        h_bucket{le="+Inf",} 2.0
        h_count 2.0
        h_sum 6.0
        s_count 2.0
        s_sum 3.0
        """;
    assertEquals(expected, directory.samples());
    for (Worker dying : List.of(first, second)) {
      dying.kill();
      assertEquals(expected, directory.samples());
      directory.retire();
      assertEquals(expected, directory.samples());
    }
  }

  private static String lines(String expected) {
    StringBuilder lines = new StringBuilder();
    for (String part : expected.split(" ", -1)) {
      String[] value = part.split("=", -1);
      lines.append(
          value.length == 1
              ? "g " + value[0] + ".0\n"
              : "g{worker=\"" + value[0] + "\",} " + value[1] + ".0\n");
    }
    return lines.toString();
  }

  @Test
  void takeNoMoreRoomWithEachThatEverLived() throws IOException {
    FamilyDescriptor c = counter("c");
    FamilyDescriptor all = gauge("g", GaugeFold.ALL);
    FamilyDescriptor live = liveGauge("l", GaugeFold.ALL);
    FamilyDescriptor max = gauge("m", GaugeFold.MAX);
    Path retained = path.resolve("multiprom.retained");
    long afterMany = 0;
    int workers = 500;
    for (int i = 1; i <= workers; i++) {
      try (Worker worker = directory.worker("w" + i)) {
        worker.counter(c).add(0.1);
        worker.gauge(all).set(i);
        worker.gauge(live).set(i);
        worker.gauge(max).set(i);
      }
      directory.retire();
      if (i == 150) {
        afterMany = Files.size(retained);
      }
    }
    assertEquals(afterMany, Files.size(retained));
    String shown = directory.samples();
    assertTrue(shown.startsWith("c_total 50.0\n"), shown);
    assertTrue(shown.endsWith("m 500.0\n"), shown);
    assertEquals(100, shown.lines().filter(line -> line.startsWith("g{")).count());
    assertEquals(401, directory.value("g", "w401"));
    assertEquals(workers, directory.value("multiprom_retired_workers_total"));
  }
}

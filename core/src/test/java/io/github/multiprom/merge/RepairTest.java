package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.MetricsDirectory;
import io.github.multiprom.internal.directory.RetiredWorkers;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.NativeShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repairs of damaged totals. */
class RepairTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor G = gauge("g", GaugeFold.SUM);

  @TempDir Path path;

  private static Worker retire(WorkerDirectory directory, String name, int series)
      throws IOException {
    Worker worker = directory.killableWorker(name);
    worker.gauge(G).set(7);
    for (int i = 0; i < series; i++) {
      worker.counter(C, "series " + i).add(i + 1);
    }
    worker.kill();
    directory.retire();
    return worker;
  }

  private List<String> repair() throws IOException {
    List<String> said = new MetricsDirectory(path).repair();
    said.forEach(System.out::println);
    return said;
  }

  @Test
  void leavesWholeTotalsAlone() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      retire(directory, "w1", 3);
      byte[] before = Files.readAllBytes(path.resolve("multiprom.retained"));
      assertEquals(1, repair().size());
      assertTrue(Arrays.equals(before, Files.readAllBytes(path.resolve("multiprom.retained"))));
    }
  }

  @Test
  void keepsWhatStandsBeforeTheDamageAndTheList() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker worker = retire(directory, "w1", 100);
      Path totals = path.resolve("multiprom.retained");
      byte[] bytes = Files.readAllBytes(totals);
      int last = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("series ");
      bytes[last] ^= 1;
      Files.write(totals, bytes);
      int lost = number(bytes, last + 7) + 1;
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        assertEquals("", fresh.samples());
      }
      List<String> said = repair();
      assertTrue(said.stream().anyMatch(line -> line.contains("written anew")), said::toString);
      assertTrue(RetiredWorkers.wasRetired(path, worker.writer.info().incarnation()));
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        assertEquals(99, fresh.samples().lines().filter(line -> line.startsWith("c_")).count());
        retire(fresh, "w2", 100);
        double sum = 0;
        for (int i = 0; i < 100; i++) {
          sum += fresh.value("c_total", "series " + i);
        }
        assertEquals(2 * 5050 - lost, sum);
      }
      try (Stream<Path> files = Files.list(path)) {
        assertEquals(1, files.filter(file -> file.toString().contains(".damaged-")).count());
      }
    }
  }

  @Test
  void keepsNativeHistograms() throws IOException {
    FamilyDescriptor family =
        WorkerDirectory.histogram("n", List.of(1.0), "l").withNativeShape(new NativeShape(3, 160));
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker worker = directory.killableWorker("w1");
      for (double value : new double[] {-2, 0, 0.1, 1}) {
        worker.distribution(family, "x").observe(0, value);
      }
      worker.distribution(family, "x").observe(1, 1e6);
      worker.kill();
      directory.retire();
      NativeViews.View before = NativeViews.of(path).get("n[x]");
      assertEquals(5, before.buckets().count());
      Files.move(
          path.resolve("multiprom.retained"),
          path.resolve("multiprom.spare"),
          StandardCopyOption.REPLACE_EXISTING);

      repair();

      NativeViews.View after = NativeViews.of(path).get("n[x]");
      assertEquals(before.text(), after.text());
      assertArrayEquals(before.values(), after.values());
    }
  }

  @Test
  void keepsTheGreaterOfTwoGenerations() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      retire(directory, "w1", 10);
      Worker next = directory.killableWorker("w2");
      next.counter(C, "series 1").add(5);
      next.kill();
      try (DirectoryReader reader = new DirectoryReader(path);
          RetiringPass pass = Killable.begin(reader, RepairTest::stopWhenTheSpareIsWritten)) {
        assertThrows(IllegalStateException.class, () -> Retirer.retire(pass));
      }
      Path totals = path.resolve("multiprom.retained");
      Files.write(totals, Arrays.copyOf(Files.readAllBytes(totals), 4000));
      // The spare lists a worker that is still there.
      IOException refused = assertThrows(IOException.class, this::repair);
      assertTrue(refused.getMessage().contains("Nothing was changed"), refused::toString);

      Files.delete(path.resolve(next.writer.info().incarnation() + ".worker"));
      repair();
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        assertEquals(7, fresh.value("c_total", "series 1"));
        assertEquals(10, fresh.value("c_total", "series 9"));
        assertEquals(7, fresh.value("g"));
      }
    }
  }

  /** The order of labels and the quantiles are those of the last worker. */
  @Test
  void takesWhatWasDescribedOtherwiseForTheSame() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker first = directory.killableWorker("w1");
      first.counter(counter("a", "x", "y"), "1", "2").add(3);
      first.distribution(WindowDirectory.summary(0.5)).observe(0, 1);
      first.counter(counter("z", "l"), "series of w1").add(1);
      first.kill();
      directory.retire();
      Worker next = directory.killableWorker("w2");
      next.counter(counter("a", "y", "x"), "2", "1").add(5);
      next.distribution(WindowDirectory.summary(0.9)).observe(0, 2);
      next.kill();
      try (DirectoryReader reader = new DirectoryReader(path);
          RetiringPass pass = Killable.begin(reader, RepairTest::stopWhenTheSpareIsWritten)) {
        assertThrows(IllegalStateException.class, () -> Retirer.retire(pass));
      }
      Path totals = path.resolve("multiprom.retained");
      byte[] bytes = Files.readAllBytes(totals);
      bytes[new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("series of w1")] ^= 1;
      Files.write(totals, bytes);
      Files.delete(path.resolve(next.writer.info().incarnation() + ".worker"));
      List<String> said = repair();
      assertTrue(said.stream().anyMatch(line -> line.contains("read 2 series")), said::toString);
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        assertEquals(8, fresh.value("a_total", "1", "2"));
        assertEquals(2, fresh.value("s_count"));
      }
    }
  }

  private static void stopWhenTheSpareIsWritten(String step) {
    if (step.equals("spare written")) {
      throw new IllegalStateException("stopped");
    }
  }

  @Test
  void letsRetiringGoOnWhereNothingCanBeRead() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      retire(directory, "w1", 10);
      Files.write(path.resolve("multiprom.retained"), new byte[0]);
      repair();
      retire(directory, "w2", 2);
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        assertEquals(2, fresh.value("c_total", "series 1"));
      }
    }
  }

  private static int number(byte[] bytes, int from) {
    int number = 0;
    for (int i = from; bytes[i] >= '0' && bytes[i] <= '9'; i++) {
      number = 10 * number + bytes[i] - '0';
    }
    return number;
  }
}

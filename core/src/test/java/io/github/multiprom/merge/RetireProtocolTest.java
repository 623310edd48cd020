package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiredWorkers;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a retiring pass looks at before it replaces the totals, and what it leaves behind. */
class RetireProtocolTest {
  private static final FamilyDescriptor C = counter("c", "l");

  @TempDir Path path;

  private static Worker dead(WorkerDirectory directory, String name, double count)
      throws IOException {
    Worker worker = directory.killableWorker(name);
    worker.counter(C, "a").add(count);
    worker.kill();
    return worker;
  }

  /** Something that tests do in the middle of a pass. */
  private interface Meanwhile {
    void run() throws IOException;
  }

  private static Consumer<String> at(String step, Meanwhile meanwhile) {
    boolean[] done = {false};
    return name -> {
      if (name.equals(step) && !done[0]) {
        done[0] = true;
        try {
          meanwhile.run();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  private int pass(Consumer<String> steps, boolean asBacklog) throws IOException {
    try (DirectoryReader reader =
            asBacklog ? Killable.backlogReader(path) : new DirectoryReader(path);
        RetiringPass pass = Killable.begin(reader, steps)) {
      return Retirer.retire(pass);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "directory locked",
        "part of the totals written",
        "spare written",
        "retained named"
      })
  void givesUpWhereItsLockWasDeletedAndAnotherPassRan(String step) throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      dead(directory, "w1", 1);
      directory.retire();
      dead(directory, "w2", 2);
      Consumer<String> steps =
          at(
              step,
              () -> {
                Files.delete(path.resolve("multiprom.lock"));
                dead(directory, "w3", 4);
                try {
                  directory.retire();
                } catch (IOException e) {
                  // The spare is being written by the first pass.
                  System.out.println(e.getMessage());
                }
              });
      try {
        pass(steps, false);
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
      assertEquals(7, directory.value("c_total", "a"));
      directory.retire();
      assertEquals(7, directory.value("c_total", "a"));
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        assertEquals(7, fresh.value("c_total", "a"));
        assertEquals(3, fresh.value("multiprom_retired_workers_total"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void leavesOutAWorkerThatGoesOn(boolean asBacklog) throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker frozen = dead(directory, "w1", 1);
      dead(directory, "w2", 2);
      Incarnation incarnation = frozen.writer.info().incarnation();
      assertEquals(
          1, pass(at("spare written", () -> Killable.ageBeat(path, incarnation, -1)), asBacklog));
      assertTrue(Files.exists(path.resolve(incarnation + ".worker")));
      assertFalse(RetiredWorkers.wasRetired(path, incarnation));
      assertEquals(3, directory.value("c_total", "a"));
    }
  }

  @Test
  void givesUpWhereTheTotalsWereReplaced() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      dead(directory, "w1", 1);
      directory.retire();
      Path totals = path.resolve("multiprom.retained");
      byte[] first = Files.readAllBytes(totals);
      dead(directory, "w2", 2);
      directory.retire();
      Worker third = dead(directory, "w3", 4);
      Consumer<String> steps = at("spare written", () -> Files.write(totals, first));
      IOException e = assertThrows(IOException.class, () -> pass(steps, false));
      assertTrue(e.getMessage().contains("gives up"), e::toString);
      assertArrayEquals(first, Files.readAllBytes(totals));
      assertTrue(Files.exists(path.resolve(third.writer.info().incarnation() + ".worker")));
    }
  }

  @Test
  void remembersTheLastThousandRetiredWorkers() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      List<Incarnation> retired = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        retired.add(dead(directory, "w" + i, 1).writer.info().incarnation());
        directory.retire();
      }
      for (Incarnation incarnation : retired) {
        assertTrue(RetiredWorkers.wasRetired(path, incarnation));
      }
      for (int i = 0; i < 998; i++) {
        try (Worker worker = directory.worker("x" + i)) {
          worker.counter(C, "b").add(1);
        }
      }
      directory.retire();
      dead(directory, "last", 1);
      directory.retire();
      // All of one pass had files when it wrote the list; the next one lets the oldest go.
      assertFalse(RetiredWorkers.wasRetired(path, retired.get(0)));
      assertTrue(RetiredWorkers.wasRetired(path, retired.get(1)));
      assertEquals(1002, directory.value("multiprom_retired_workers_total"));
      assertFalse(RetiredWorkers.wasRetired(path.resolve("missing"), retired.get(0)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void neverTouchesWhatALaterReleaseWrote(boolean asBacklog) throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker later = dead(directory, "w1", 1);
      Path file = path.resolve(later.writer.info().incarnation() + ".worker");
      Killable.addLaterRecord(file, false);
      Worker losable = dead(directory, "w2", 2);
      Path second = path.resolve(losable.writer.info().incarnation() + ".worker");
      Killable.addLaterRecord(second, true);
      byte[] before = Files.readAllBytes(file);
      assertEquals(1, pass(step -> {}, asBacklog));
      assertArrayEquals(before, Files.readAllBytes(file));
      assertFalse(Files.exists(second));
      assertEquals(3, directory.value("c_total", "a"));
      assertEquals(1, directory.value("multiprom_files_skipped", "newer"));

      Path totals = path.resolve("multiprom.retained");
      Killable.addLaterRecord(totals, false);
      dead(directory, "w3", 4);
      before = Files.readAllBytes(totals);
      assertThrows(IOException.class, () -> pass(step -> {}, asBacklog));
      assertArrayEquals(before, Files.readAllBytes(totals));
      assertEquals(7, directory.value("c_total", "a"));
    }
  }

  @Test
  void writesNothingWhereNothingIsToBeDone() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      dead(directory, "w1", 1);
      directory.retire();
      directory.worker("live").counter(C, "a").add(1);
      byte[] before = Files.readAllBytes(path.resolve("multiprom.retained"));
      List<String> steps = new ArrayList<>();
      assertEquals(0, pass(steps::add, false));
      assertEquals(List.of("directory locked"), steps);
      assertArrayEquals(before, Files.readAllBytes(path.resolve("multiprom.retained")));
    }
  }

  @Test
  void leavesAForeignFileAloneThatHasTheNameOfTheSpare() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      dead(directory, "w1", 1);
      Path spare = path.resolve("multiprom.spare");
      Files.writeString(spare, "notes of somebody", StandardCharsets.UTF_8);
      assertThrows(IOException.class, directory::retire);
      assertEquals("notes of somebody", Files.readString(spare));
      Files.write(spare, new byte[0]);
      directory.retire();
      assertEquals(1, directory.value("multiprom_retired_workers_total"));
    }
  }

  @Test
  void keepsNoSpaceOfTotalsThatWereReplaced() throws Exception {
    try (SmallDisk disk = new SmallDisk(path, "8m");
        WorkerDirectory directory = new WorkerDirectory(disk.path)) {
      Worker large = directory.killableWorker("large");
      for (int series = 0; series < 9000; series++) {
        large.counter(C, "series " + series).add(1);
      }
      large.kill();
      directory.retire();
      assertTrue(Files.size(disk.path.resolve("multiprom.retained")) > 1 << 20);
      for (int i = 0; i < 12; i++) {
        dead(directory, "w" + i, 1);
        directory.retire();
      }
      assertEquals(12, directory.value("c_total", "a"));
    }
  }
}
